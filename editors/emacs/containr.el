;;; containr.el --- Dockerfiles with `containr lsp', in eglot or lsp-mode -*- lexical-binding: t; -*-

;; Put this file into `load-path' and `(require 'containr)'; then Dockerfiles start the server with M-x eglot or M-x lsp.

;;; Code:

(defvar containr-command '("containr" "lsp")
  "The program and its arguments.")

(unless (or (fboundp 'dockerfile-mode) (fboundp 'dockerfile-ts-mode))
  (define-derived-mode dockerfile-mode prog-mode "Dockerfile"
    "Edits Dockerfiles, where no package brings a mode of that name."
    :syntax-table (let ((table (make-syntax-table prog-mode-syntax-table)))
                    ;; The value of a flag is a word of its own.
                    (modify-syntax-entry ?= "." table)
                    (modify-syntax-entry ?$ "'" table)
                    (modify-syntax-entry ?# "<" table)
                    (modify-syntax-entry ?\n ">" table)
                    table)
    (setq-local comment-start "# "
                comment-start-skip "#+\\s-*")))

(dolist (pattern '("/\\(?:Docker\\|Container\\)file\\(?:\\..*\\)?\\'" "\\.[Dd]ockerfile\\'"))
  (add-to-list 'auto-mode-alist
               (cons pattern (if (fboundp 'dockerfile-mode) 'dockerfile-mode 'dockerfile-ts-mode))))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons '(dockerfile-mode dockerfile-ts-mode) (lambda (&rest _) containr-command))))

(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-activate-on "lsp-mode")
(defvar lsp-language-id-configuration)
(with-eval-after-load 'lsp-mode
  (dolist (mode '(dockerfile-mode dockerfile-ts-mode))
    (add-to-list 'lsp-language-id-configuration (cons mode "dockerfile")))
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection (lambda () containr-command))
                    :activation-fn (lsp-activate-on "dockerfile")
                    ;; Above the client for the server on node that lsp-mode brings.
                    :priority 1
                    :server-id 'containr)))

(provide 'containr)
;;; containr.el ends here
