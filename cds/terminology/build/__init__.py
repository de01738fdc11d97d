"""Building the bundled tables from the code-set CSVs, or the drug table from an RxNorm release."""
