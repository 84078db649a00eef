//! `.env` files: read as each tool reads them, written without a byte changed that nobody asked for, and their secrets kept.

mod cipher;
mod scan;
