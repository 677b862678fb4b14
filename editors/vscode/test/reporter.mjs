/** Tells each test in one line: `vscode: NAME`, and what is wrong with it below. */
export default async function* reporter(events) {
  for await (const event of events) {
    const { name, nesting, details } = event.data ?? {};
    if (event.type === "test:pass" && nesting === 0) {
      yield `vscode: ${name}\n`;
    } else if (event.type === "test:fail") {
      yield `FAILED ${name}: ${details.error?.cause?.stack ?? details.error?.message}\n`;
    }
  }
}
