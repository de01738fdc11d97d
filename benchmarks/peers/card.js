exports.CARD = {
  uuid: "1f4f0f6e-6a5e-4c39-9b64-0d5f1f4d7b11",
  summary: "A card that never changes",
  indicator: "info",
  detail: "It shows what the server and the decoding cost by themselves.",
  source: { label: "Floor" },
};
