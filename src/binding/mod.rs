//! The binding to Node-API: the only place that names it. Knows no rule of a store.
//!
//! - [`functions`], [`shared_functions`], [`shared_opening`], [`shared_tables`]: what is called;
//! - [`callback`]: raw calls, arguments and results: all the unsafe code of the binding;
//! - [`values`]: values of shared stores between JavaScript and bytes;
//! - [`shared_memory`]: what JavaScript owns and this side reads and writes;
//! - [`environment`]: the stores that one environment (main thread, worker) has open.

mod callback;
mod environment;
mod functions;
mod shared_functions;
mod shared_memory;
mod shared_opening;
mod shared_tables;
mod values;

use napi::bindgen_prelude::{Env, JsValue, Object};

#[napi_derive::napi(module_exports)]
fn register(exports: Object, env: Env) -> napi::Result<()> {
    callback::register(
        env.raw(),
        exports.raw(),
        functions::FUNCTIONS
            .iter()
            .chain(shared_opening::FUNCTIONS)
            .chain(shared_functions::FUNCTIONS)
            .chain(shared_tables::FUNCTIONS),
    )
}
