//! WORKDIR.

use containr_dockerfile::Spanned;
use containr_graph::{Op, Workdir};

use super::Builder;
use crate::onbuild::Todo;
use crate::{Diagnostic, path};

impl Builder<'_, '_> {
    /// Sets the directory and makes it; the root is there already and gets no layer.
    pub(super) fn workdir(&mut self, todo: &Todo<'_>, word: &Spanned<String>) -> Result<(), Diagnostic> {
        let expanded = self.expand(todo, word)?;
        let path = path::workdir(self.state.workdir(), &expanded);
        self.state.config.config.working_dir.clone_from(&path);
        let mut step = None;
        if path != "/" {
            let name = self.numbering.instruction(todo, &todo.instruction.original, &self.state.variables);
            let user = self.state.config.config.user.clone();
            step = Some(self.push(todo, Op::Workdir(Workdir { path: path.clone(), user }), name));
        }
        self.state.log(format!("WORKDIR {path}"), step);
        Ok(())
    }
}
