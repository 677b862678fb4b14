//! What several fuzz targets share: decisions, an editor, and what must hold for answers and judgements.

pub mod answer;
pub mod archive;
pub mod choice;
pub mod editor;
pub mod judge;
pub mod request;
