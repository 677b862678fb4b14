--- Shows that Neovim and `containr lsp` work together; `cargo xtask accept editors` runs it.
---
--- `nvim --headless --clean -c 'luafile editors/neovim/check.lua'` with CONTAINR as the program and CHECK_FOLDER as an
--- empty folder to work in. The exit code is 1 when something is not as it must be.

local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h")
local folder = assert(os.getenv("CHECK_FOLDER"), "CHECK_FOLDER names an empty folder")
local PATIENCE_MS = 60000

local function wait(what, holds)
  assert(vim.wait(PATIENCE_MS, holds, 10), "waited in vain for " .. what)
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

--- Asks about a place, counted from zero as the protocol does, and returns the result.
local function ask(method, line, column)
  local params = { textDocument = vim.lsp.util.make_text_document_params() }
  params.position = { line = line, character = column }
  local answers, failure = vim.lsp.buf_request_sync(0, "textDocument/" .. method, params, PATIENCE_MS)
  assert(answers, method .. ": " .. tostring(failure))
  for _, answer in pairs(answers) do
    assert(not answer.err, method .. ": " .. vim.inspect(answer.err))
    return assert(answer.result, method .. " has no result")
  end
  error(method .. ": nobody answers")
end

local checks = {}

function checks.diagnostics()
  wait("diagnostics", function()
    return #vim.diagnostic.get(0) > 0
  end)
  local codes = vim.tbl_map(function(one)
    return one.lnum .. " " .. tostring(one.code or (one.user_data and one.user_data.lsp.code))
  end, vim.diagnostic.get(0))
  assert(table.concat(codes, "\n"):find("2 ", 1, true), "the third line is found fault with: " .. vim.inspect(codes))
end

function checks.hover()
  local text = vim.inspect(ask("hover", 4, 10).contents)
  assert(text:find("COLOUR", 1, true) and text:find("blue", 1, true), "the hover tells the value: " .. text)
end

function checks.completion()
  local result = ask("completion", 7, 12)
  local labels = vim.tbl_map(function(item)
    return item.label
  end, result.items or result)
  assert(vim.tbl_contains(labels, "base"), "the stage is offered: " .. vim.inspect(labels))
end

function checks.rename()
  vim.api.nvim_win_set_cursor(0, { 2, 25 })
  vim.lsp.buf.rename("origin")
  wait("the rename", function()
    return lines()[2]:find("AS origin", 1, true) ~= nil
  end)
  assert(lines()[8] == "COPY --from=origin /etc/os-release /", lines()[8])
end

function checks.formatting()
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = PATIENCE_MS })
  else
    vim.lsp.buf.formatting_sync(nil, PATIENCE_MS)
  end
  assert(lines()[3] == "RUN apt-get update", lines()[3])
end

local function check()
  vim.fn.writefile(vim.fn.readfile(here .. "/../sample/Dockerfile"), folder .. "/Dockerfile")
  local attached = false
  dofile(here .. "/containr.lua").setup({
    cmd = { os.getenv("CONTAINR") or "containr", "lsp" },
    on_attach = function()
      attached = true
    end,
  })
  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/Dockerfile"))
  wait("the server", function()
    return attached
  end)
  for _, name in ipairs({ "diagnostics", "hover", "completion", "rename", "formatting" }) do
    checks[name]()
    io.stdout:write("neovim: " .. name .. "\n")
  end
end

local passed, failure = xpcall(check, debug.traceback)
if not passed then
  io.stderr:write(failure .. "\n")
end
local clients = vim.lsp.get_clients or vim.lsp.get_active_clients
vim.lsp.stop_client(clients())
vim.cmd(passed and "qall!" or "cquit 1")
