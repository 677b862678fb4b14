--- The built-in client of Neovim (0.7 and later) with `containr lsp`, without any plugin.
---
--- Put this file where `require` finds it (`~/.config/nvim/lua/containr.lua`) and call `require("containr").setup()`.

local M = {}

local defaults = {
  --- The program and its arguments.
  cmd = { "containr", "lsp" },
  --- What the server is told of its settings: see docs/editors.md.
  settings = { containr = {} },
  --- Called with the client and the buffer, for key maps.
  on_attach = nil,
}

--- Returns the folder that holds the project of a file: the nearest one with a mark of it, else the file's own.
local function root(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  for _, mark in ipairs({ ".git", ".dockerignore", ".containerignore", ".hadolint.yaml" }) do
    local found = vim.fn.finddir(mark, folder .. ";")
    if found == "" then
      found = vim.fn.findfile(mark, folder .. ";")
    end
    if found ~= "" then
      return vim.fn.fnamemodify(found, ":p:s?/$??:h")
    end
  end
  return folder
end

--- Starts a server for a buffer; what Neovim before 0.8 has no function for.
local function start(config, buffer)
  M.clients = M.clients or {}
  local id = M.clients[config.root_dir]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
  end
  M.clients[config.root_dir] = id
  return id and vim.lsp.buf_attach_client(buffer, id)
end

--- Starts the server for a buffer, or lets the one of the same project serve it too.
function M.attach(buffer, options)
  local folder = root(vim.api.nvim_buf_get_name(buffer))
  local config = {
    name = "containr",
    cmd = options.cmd,
    root_dir = folder,
    workspace_folders = { { uri = vim.uri_from_fname(folder), name = folder } },
    settings = options.settings,
    on_attach = options.on_attach,
  }
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
  else
    start(config, buffer)
  end
end

--- Serves every Dockerfile that is opened from now on; Neovim itself knows `Dockerfile` and `*.dockerfile`.
function M.setup(options)
  options = vim.tbl_deep_extend("force", defaults, options or {})
  local group = vim.api.nvim_create_augroup("containr", { clear = true })
  vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
    group = group,
    pattern = { "Dockerfile.*", "*.Dockerfile", "Containerfile", "Containerfile.*" },
    command = "setfiletype dockerfile",
  })
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = "dockerfile",
    callback = function(event)
      M.attach(event.buf, options)
    end,
  })
end

return M
