// The floor, on another server: JSON is parsed, and a card that never changes is the answer.
const express = require("express");
const { CARD } = require("./card.js");

const app = express();
app.use(express.json({ limit: "100mb" }));
app.get("/healthz", (request, response) => response.send("ok"));
app.post("/cds-services/:id", (request, response) => {
  if (!request.body.hook) throw new Error("no hook");
  response.json({ cards: [CARD] });
});
app.listen(Number(process.env.PORT), "127.0.0.1");
