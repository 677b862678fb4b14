/** Starts `containr lsp` for Dockerfiles and carries out what its lenses ask for. */

import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { DOCUMENTS, ID, SECTION, build, context, isBuildRequest, server } from "./options";

let client: LanguageClient | undefined;

/** Starts the server and registers the commands. */
export async function activate(extension: vscode.ExtensionContext): Promise<void> {
  extension.subscriptions.push(
    vscode.commands.registerCommand("containr.restart", restart),
    vscode.commands.registerCommand("containr.showOutput", () => client?.outputChannel.show()),
    vscode.commands.registerCommand("containr.build", runBuild),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (["path", "arguments"].some((name) => change.affectsConfiguration(`${SECTION}.lsp.${name}`))) {
        await restart();
      }
    }),
  );
  await start();
}

/** Ends the server. */
export async function deactivate(): Promise<void> {
  await stop();
}

function program() {
  const settings = vscode.workspace.getConfiguration(`${SECTION}.lsp`);
  return server({ path: settings.get("path"), arguments: settings.get("arguments") });
}

async function start(): Promise<void> {
  const run = program();
  const starting = new LanguageClient(
    ID,
    "containr",
    { run, debug: run },
    { documentSelector: DOCUMENTS, synchronize: { configurationSection: SECTION } },
  );
  client = starting;
  try {
    await starting.start();
  } catch (failure) {
    client = undefined;
    await explain(run.command, failure);
  }
}

async function stop(): Promise<void> {
  const ending = client;
  client = undefined;
  if (ending?.needsStop()) {
    await ending.stop();
  }
  await ending?.dispose();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function explain(command: string, failure: unknown): Promise<void> {
  const open = "Open Settings";
  const cause = failure instanceof Error ? failure.message : String(failure);
  const answer = await vscode.window.showErrorMessage(`containr: cannot start \`${command} lsp\`: ${cause}`, open);
  if (answer === open) {
    await vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.lsp.path`);
  }
}

/** Builds the stage that a lens stands above, as a task with a terminal of its own. */
async function runBuild(request: unknown): Promise<void> {
  if (!isBuildRequest(request)) {
    return;
  }
  if (!vscode.workspace.isTrusted) {
    await vscode.window.showWarningMessage("containr: a workspace is built only when it is trusted.");
    return;
  }
  const uri = vscode.Uri.parse(request.uri, true);
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const { command, args } = build(
    program(),
    uri.fsPath,
    request.target,
    context(uri.fsPath, folder?.uri.fsPath, existsSync),
  );
  const name = request.target === undefined ? "build" : `build ${request.target}`;
  const scope = folder ?? vscode.TaskScope.Workspace;
  const execution = new vscode.ProcessExecution(command, args);
  await vscode.tasks.executeTask(new vscode.Task({ type: "containr" }, scope, name, "containr", execution));
}
