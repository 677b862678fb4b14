;;; check.el --- Shows that Emacs and `containr lsp' work together -*- lexical-binding: t; -*-

;; `emacs --batch -l editors/emacs/check.el CLIENT' with CLIENT `eglot' or `lsp-mode', CONTAINR as the program and
;; CHECK_FOLDER as an empty folder to work in.  `cargo xtask accept editors' runs both.

;;; Code:

(require 'cl-lib)
(require 'subr-x)
(require 'project)

(defconst check-here (file-name-directory (or load-file-name buffer-file-name)))
(defconst check-folder (file-name-as-directory (getenv "CHECK_FOLDER")))
(defconst check-patience 60)

(defun check-that (holds what &rest values)
  "Fail unless HOLDS, saying WHAT with VALUES."
  (unless holds (error "%s: %S" what values)))

(defun check-wait (what holds)
  "Wait until HOLDS returns something, which is for WHAT."
  (let ((end (+ (float-time) check-patience)) found)
    (while (not (or (setq found (funcall holds)) (> (float-time) end)))
      (accept-process-output nil 0.02))
    (check-that found "waited in vain" what)
    found))

(defun check-line (number)
  "Return the text of the line with NUMBER, from 1."
  (save-excursion
    (goto-char (point-min))
    (forward-line (1- number))
    (buffer-substring-no-properties (point) (line-end-position))))

(defun check-go (line column)
  "Go to COLUMN, from 0, of LINE, from 1."
  (goto-char (point-min))
  (forward-line (1- line))
  (forward-char column))

(defun check-offered ()
  "Return what is offered at point by the functions of completion."
  (cl-loop for function in completion-at-point-functions
           for found = (and (functionp function) (funcall function))
           when (consp found)
           append (all-completions (buffer-substring-no-properties (nth 0 found) (nth 1 found)) (nth 2 found))))

(defun check-passed (client what)
  "Say that WHAT works with CLIENT."
  (princ (format "emacs, %s: %s\n" client what)))

(defun check-edits (client rename format)
  "Check completion of CLIENT, then its functions RENAME and FORMAT."
  (check-go 8 12)
  (let ((offered (mapcar #'substring-no-properties (check-offered))))
    (check-that (cl-find "base" offered :test #'string-prefix-p) "the stage is offered" offered))
  (check-passed client "completion")
  (check-go 2 25)
  (funcall rename "origin")
  (check-that (string-suffix-p "AS origin" (check-line 2)) "the stage is renamed" (check-line 2))
  (check-that (equal (check-line 8) "COPY --from=origin /etc/os-release /") "its use is renamed" (check-line 8))
  (check-passed client "rename")
  (funcall format)
  (check-that (equal (check-line 3) "RUN apt-get update") "the text is formatted" (check-line 3))
  (check-passed client "formatting"))

(defun check-eglot ()
  "Check with eglot."
  (require 'eglot)
  (require 'flymake)
  (setq eglot-autoshutdown t eglot-sync-connect check-patience eglot-confirm-server-initiated-edits nil)
  (apply #'eglot (eglot--guess-contact))
  (check-that (eglot-managed-p) "eglot manages the buffer")
  (flymake-mode 1)
  (flymake-start)
  (check-wait "diagnostics"
              (lambda ()
                (cl-find 3 (flymake-diagnostics)
                         :key (lambda (one) (line-number-at-pos (flymake-diagnostic-beg one))))))
  (check-passed "eglot" "diagnostics")
  (check-go 5 10)
  (let ((text (format "%S" (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                                            (eglot--TextDocumentPositionParams)))))
    (check-that (string-match-p "blue" text) "the hover tells the value" text))
  (check-passed "eglot" "hover")
  (check-edits "eglot" #'eglot-rename #'eglot-format-buffer)
  (eglot-shutdown (eglot-current-server)))

(declare-function lsp "lsp-mode")
(declare-function lsp-workspaces "lsp-mode")
(declare-function lsp-diagnostics "lsp-mode")
(declare-function lsp-request "lsp-mode")
(declare-function lsp--text-document-position-params "lsp-mode")
(declare-function lsp-workspace-shutdown "lsp-mode")
(declare-function lsp--workspace-status "lsp-mode")
(declare-function lsp--workspace-client "lsp-mode")
(declare-function lsp--client-server-id "lsp-mode")

(defun check-lsp-mode ()
  "Check with lsp-mode."
  (require 'lsp-mode)
  (require 'lsp-completion)
  (setq lsp-auto-guess-root t lsp-keep-workspace-alive nil lsp-enable-file-watchers nil lsp-restart 'ignore
        lsp-session-file (concat check-folder "session") lsp-response-timeout check-patience
        lsp-diagnostics-provider :none lsp-enable-suggest-server-download nil lsp-headerline-breadcrumb-enable nil)
  (let ((inhibit-message t)) (lsp))
  (check-wait "the server"
              (lambda ()
                (and (lsp-workspaces) (eq 'initialized (lsp--workspace-status (car (lsp-workspaces)))))))
  (let ((client (lsp--workspace-client (car (lsp-workspaces)))))
    (check-that (eq 'containr (lsp--client-server-id client)) "it is our server" client))
  (check-wait "diagnostics" (lambda () (< 0 (hash-table-count (lsp-diagnostics)))))
  (check-passed "lsp-mode" "diagnostics")
  (check-go 5 10)
  (let ((text (prin1-to-string (lsp-request "textDocument/hover" (lsp--text-document-position-params)))))
    (check-that (string-match-p "blue" text) "the hover tells the value" text))
  (check-passed "lsp-mode" "hover")
  (lsp-completion-mode 1)
  (check-edits "lsp-mode" #'lsp-rename #'lsp-format-buffer)
  (lsp-workspace-shutdown (car (lsp-workspaces))))

(defun check ()
  "Check the client that the command line names."
  (let ((client (pop command-line-args-left))
        (file (concat check-folder "Dockerfile"))
        (debug-on-error t))
    (add-to-list 'load-path check-here)
    (require 'containr)
    (setq containr-command (list (or (getenv "CONTAINR") "containr") "lsp"))
    (let ((default-directory check-folder)) (call-process "git" nil nil nil "init" "--quiet"))
    (copy-file (expand-file-name "../sample/Dockerfile" check-here) file t)
    (find-file file)
    (check-that (eq major-mode 'dockerfile-mode) "the mode follows from the name" major-mode)
    (pcase client
      ("eglot" (check-eglot))
      ("lsp-mode" (check-lsp-mode))
      (_ (error "Unknown client: %s" client)))
    (set-buffer-modified-p nil)))

(when noninteractive
  (when (fboundp 'package-initialize) (package-initialize))
  (check))

;;; check.el ends here
