//! Images are brought once a build, and only when somebody looks inside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use containr_graph::{Op, StepId};
use containr_progress::{Event, Outcome};
use containr_snapshot::View;

use super::Builder;
use crate::error::StepError;
use crate::steps::Trees;

type Slot = Arc<Mutex<Option<View>>>;

/// The images that were brought so far.
#[derive(Default)]
pub(crate) struct Images(Mutex<HashMap<StepId, Slot>>);

impl Images {
    /// Returns whether somebody has asked for the image.
    pub(crate) fn brought(&self, image: StepId) -> bool {
        lock(&self.0).contains_key(&image)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Builder<'_> {
    /// Returns the layers of an image; who comes while it is brought waits.
    pub(super) fn image(&self, id: StepId, trees: &Trees<'_>) -> Result<View, StepError> {
        let slot = Arc::clone(lock(&self.images.0).entry(id).or_default());
        let mut slot = lock(&slot);
        if let Some(view) = &*slot {
            return Ok(view.clone());
        }
        self.cancel.check()?;
        let Op::Image(image) = &trees.graph.step(id).op else { unreachable!("a base is an image") };
        let task = trees.task(id);
        self.progress.event(Event::Started(task));
        match self.fetcher.layers(image, task, self.cancel) {
            Ok(view) => {
                self.progress.event(Event::Finished(task, Outcome::Done));
                *slot = Some(view.clone());
                Ok(view)
            }
            Err(source) => {
                let error = StepError::Fetch { reference: image.reference.clone(), source };
                self.progress.event(Event::Finished(task, Outcome::Failed(error.to_string())));
                Err(error)
            }
        }
    }
}
