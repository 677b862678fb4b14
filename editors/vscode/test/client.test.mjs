/** The extension's client part without the editor: the same program, arguments, settings and documents, over node's JSON-RPC. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const rpc = require("vscode-jsonrpc/node");
const { DOCUMENTS, SECTION, build, context, isBuildRequest, server } = require("../dist/options.js");
const here = (name) => new URL(`../${name}`, import.meta.url);
const manifest = JSON.parse(readFileSync(here("package.json"), "utf8"));

const folder = mkdtempSync(join(tmpdir(), "containr-vscode-"));
const file = join(folder, "Dockerfile");
const uri = pathToFileURL(file).href;
const document = { textDocument: { uri } };
const at = (line, character) => ({ ...document, position: { line, character } });
copyFileSync(here("../sample/Dockerfile"), file);

/** Returns the settings as the editor would send them: each at its default, as a tree. */
function defaults() {
  const tree = {};
  for (const [name, property] of Object.entries(manifest.contributes.configuration.properties)) {
    const path = name.split(".");
    const last = path.pop();
    const parent = path.reduce((node, part) => (node[part] ??= {}), tree);
    parent[last] = structuredClone(property.default);
  }
  return tree[SECTION];
}

let child;
let connection;
let settings = defaults();
const published = [];
let heard = () => {};

/** Waits for diagnostics that fulfil a condition, those that came already included. */
function diagnostics(holds) {
  return new Promise((resolve) => {
    heard = () => {
      const found = published.find(holds);
      if (found) resolve(found);
    };
    heard();
  });
}

before(async () => {
  const { command, args } = server({ path: process.env.CONTAINR, arguments: ["--root", join(folder, "state")] });
  child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(child.stdout),
    new rpc.StreamMessageWriter(child.stdin),
  );
  connection.onRequest("workspace/configuration", ({ items }) =>
    items.map(({ section }) => (section === SECTION ? settings : null)),
  );
  connection.onRequest("client/registerCapability", () => null);
  connection.onNotification("textDocument/publishDiagnostics", (params) => {
    published.push(params.diagnostics);
    heard();
  });
  connection.listen();
  const folders = [{ uri: pathToFileURL(folder).href, name: "test" }];
  await connection.sendRequest("initialize", {
    processId: process.pid,
    clientInfo: { name: "Visual Studio Code", version: "1.82.0" },
    rootUri: folders[0].uri,
    workspaceFolders: folders,
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true }, workspaceFolders: true },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown", "plaintext"] } },
        hover: { contentFormat: ["markdown", "plaintext"] },
        rename: { prepareSupport: true },
        documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor", "source"] } } },
      },
    },
  });
  await connection.sendNotification("initialized", {});
  const text = readFileSync(file, "utf8");
  const languageId = DOCUMENTS[0].language;
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId, version: 1, text },
  });
});

after(async () => {
  await connection.sendRequest("shutdown");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await connection.sendNotification("exit");
  assert.equal(await ended, 0);
  connection.dispose();
  rmSync(folder, { recursive: true });
});

const onLine = (number) => (one) => one.range.start.line === number;

test("diagnostics", async () => {
  const found = await diagnostics((list) => list.some(onLine(2)));
  assert.ok(found.every((one) => one.code && one.message && one.source));
});

test("hover", async () => {
  const { contents } = await connection.sendRequest("textDocument/hover", at(4, 10));
  assert.match(contents.value, /COLOUR.*blue/su);
});

test("completion", async () => {
  const result = await connection.sendRequest("textDocument/completion", at(7, 12));
  assert.ok((result.items ?? result).some((item) => item.label === "base"));
});

test("formatting", async () => {
  const options = { tabSize: 4, insertSpaces: true };
  const edits = await connection.sendRequest("textDocument/formatting", { ...document, options });
  assert.ok(edits.length > 0 && edits.every((edit) => edit.range.start.line === 2));
});

test("rename", async () => {
  const result = await connection.sendRequest("textDocument/rename", { ...at(1, 25), newName: "origin" });
  const edits = result.changes?.[uri] ?? result.documentChanges[0].edits;
  assert.deepEqual(edits.map((edit) => edit.range.start.line).sort(), [1, 7]);
});

test("quick fixes", async () => {
  const found = await diagnostics((list) => list.some(onLine(2)));
  const range = found.find(onLine(2)).range;
  const only = ["quickfix"];
  const actions = await connection.sendRequest("textDocument/codeAction", {
    ...document,
    range,
    context: { diagnostics: found.filter(onLine(2)), only },
  });
  assert.ok(actions.length > 0 && actions.every((action) => action.kind.startsWith("quickfix")));
});

test("lenses call the command of the extension", async () => {
  const lenses = await connection.sendRequest("textDocument/codeLens", document);
  const builds = lenses.filter((lens) => lens.command?.command === "containr.build");
  assert.ok(builds.length > 0 && builds.every((lens) => isBuildRequest(lens.command.arguments[0])));
});

test("settings reach the server", async () => {
  await diagnostics((list) => list.length > 0);
  published.length = 0;
  settings = { ...settings, lint: { ...settings.lint, enabled: false } };
  await connection.sendNotification("workspace/didChangeConfiguration", { settings: { [SECTION]: settings } });
  const quiet = await diagnostics((list) => !list.some((one) => one.severity > 1));
  assert.deepEqual(quiet, []);
});

test("builds are commands without a shell", () => {
  const program = server({});
  assert.deepEqual(build(program, "/a/Dockerfile", "x; y", "/a").args, ["build", "--target=x; y", "-f", "/a/Dockerfile", "/a"]);
  assert.deepEqual(build(program, "/a/Dockerfile", undefined, "/a").args, ["build", "-f", "/a/Dockerfile", "/a"]);
});

test("the context is the nearest folder with an ignore file", () => {
  const has = (name) => (asked) => asked === name;
  assert.equal(context("/w/a/b/Dockerfile", "/w", has("/w/a/.dockerignore")), "/w/a");
  assert.equal(context("/w/a/b/Dockerfile", "/w", has("/.dockerignore")), "/w/a/b");
  assert.equal(context("/a/Dockerfile", undefined, () => false), "/a");
});

test("what the manifest names is there", () => {
  const { languages, snippets } = manifest.contributes;
  for (const name of [...languages, ...snippets].map((one) => one.configuration ?? one.path)) {
    assert.doesNotThrow(() => JSON.parse(readFileSync(here(name), "utf8")), name);
  }
  assert.doesNotThrow(() => readFileSync(here(manifest.main)));
});
