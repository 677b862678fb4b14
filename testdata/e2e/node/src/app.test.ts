import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { app } from "./app";

test("answers with its name", async () => {
  const server = app.listen(0);
  try {
    const { port } = server.address() as AddressInfo;
    const reply = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(((await reply.json()) as { service: string }).service, "guestbook");
  } finally {
    server.close();
  }
});
