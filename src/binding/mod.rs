//! The binding to Node-API: the only place that names it. Knows no rule of a store.
//!
//! - [`functions`]: what JavaScript calls: convert in, one call, convert out;
//! - [`callback`]: raw calls, arguments and results: all the unsafe code of the binding;
//! - [`shared_memory`]: what JavaScript owns and this side reads and writes;
//! - [`environment`]: the stores that one environment (main thread, worker) has open.

mod callback;
mod environment;
mod functions;
mod shared_memory;

use napi::bindgen_prelude::{Env, JsValue, Object};

#[napi_derive::napi(module_exports)]
fn register(exports: Object, env: Env) -> napi::Result<()> {
    callback::register(env.raw(), exports.raw(), functions::FUNCTIONS)
}
