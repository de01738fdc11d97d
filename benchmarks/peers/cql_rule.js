// One rule in CQL (cql/Depression.cql) on the prefetch, run by the reference engine for JavaScript.
const express = require("express");
const cql = require("cql-execution");
const fhir = require("cql-exec-fhir");
const { CARD } = require("./card.js");

const RULE = "Treatment Resistant";
const library = new cql.Library(require("./cql/Depression.json"));
const codes = new cql.CodeService(require("./cql/valuesets.json"));
const executor = new cql.Executor(library, codes);

function chart(prefetch) {
  const listed = Object.values(prefetch).flatMap((value) =>
    value.resourceType === "Bundle" ? value.entry || [] : [{ resource: value }],
  );
  return { resourceType: "Bundle", type: "collection", entry: listed };
}

async function holds(prefetch) {
  const patients = fhir.PatientSource.FHIRv401();
  patients.loadBundles([chart(prefetch)]);
  const { patientResults } = await executor.exec(patients);
  const [found] = Object.values(patientResults);
  if (typeof found[RULE] !== "boolean") throw new Error("no result");
  return found[RULE];
}

const app = express();
app.use(express.json({ limit: "100mb" }));
app.get("/healthz", (request, response) => response.send("ok"));
app.post("/cds-services/:id", async (request, response) => {
  const told = (await holds(request.body.prefetch)) ? "Depression, two antidepressants" : "None";
  response.json({ cards: [{ ...CARD, summary: told }] });
});
app.listen(Number(process.env.PORT), "127.0.0.1");
