import express from "express";

const entries: string[] = [];

export const app = express();
app.use(express.json());
app.get("/", (_request, response) => {
  response.json({ service: "guestbook", entries, uid: process.getuid?.() });
});
app.post("/entries", (request, response) => {
  entries.push(String(request.body?.text ?? ""));
  response.status(201).json({ count: entries.length });
});
