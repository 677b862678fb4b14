/** What the extension decides without the editor: how the server is started and what a build is. Tests use it as it is. */

import * as path from "node:path";

/** The clients' name; the setting of the trace hangs on it. */
export const ID = "containr.lsp";

/** The section of the settings that the server reads. */
export const SECTION = "containr";

/** Which documents are served: files and unsaved texts. */
export const DOCUMENTS = [
  { scheme: "file", language: "dockerfile" },
  { scheme: "untitled", language: "dockerfile" },
];

/** How a program is started. */
export interface Program {
  command: string;
  args: string[];
}

/** Returns how the server is started with the settings of `containr.lsp`. */
export function server(settings: { path?: string; arguments?: string[] }): Program {
  return { command: settings.path?.trim() || "containr", args: ["lsp", ...(settings.arguments ?? [])] };
}

/** What a lens hands to `containr.build`. */
export interface BuildRequest {
  /** The Dockerfile. */
  uri: string;
  /** A stage's name; the last stage has none. */
  target?: string;
}

/** Tells whether something is a request to build. */
export function isBuildRequest(value: unknown): value is BuildRequest {
  const request = value as Partial<BuildRequest> | undefined;
  return typeof request?.uri === "string" && (request.target === undefined || typeof request.target === "string");
}

/**
 * Returns the build's context: the nearest directory at or above the Dockerfile with an ignore file, within the folder
 * of the workspace, else the Dockerfile's own.
 */
export function context(dockerfile: string, folder: string | undefined, exists: (file: string) => boolean): string {
  const own = path.dirname(dockerfile);
  for (let at = own; ; at = path.dirname(at)) {
    if ([".dockerignore", ".containerignore"].some((name) => exists(path.join(at, name)))) {
      return at;
    }
    if (at === folder || at === path.dirname(at)) {
      return own;
    }
  }
}

/** Returns the build as arguments: no shell reads them. */
export function build(program: Program, dockerfile: string, target: string | undefined, directory: string): Program {
  const stage = target === undefined ? [] : [`--target=${target}`];
  return { command: program.command, args: ["build", ...stage, "-f", dockerfile, directory] };
}
