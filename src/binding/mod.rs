//! The binding to Node-API: the only place that names it. Knows no rule of a store.
//!
//! Two rooms hold what is called: convert in, one call, convert out. The rest is how:
//!
//! - [`local`], [`shared`]: the functions, by kind of store;
//! - [`call`]: raw calls, their arguments that are numbers, their results;
//! - [`strings`]: keys and values that are strings;
//! - [`bell`]: how another thread tells an environment that a wait is over;
//! - [`buffers`]: typed arrays, and where values are copied to;
//! - [`filters`]: which keys are meant, and the filters that were asked last;
//! - [`registers`]: numbers beside a call: [`Register`](crate::contract::Register);
//! - [`environment`]: the stores that one environment (main thread, worker) has open;
//! - [`exports`]: what the module exports, and how long it lives.

mod bell;
mod buffers;
mod call;
mod environment;
mod exports;
mod filters;
mod local;
mod registers;
mod shared;
mod strings;

use napi::bindgen_prelude::{Env, JsValue, Object};

#[napi_derive::napi(module_exports)]
fn register(exports: Object, env: Env) -> napi::Result<()> {
    let functions = local::FUNCTIONS.iter().chain(shared::FUNCTIONS).copied().flatten();
    exports::register(env.raw(), exports.raw(), functions.chain(filters::FUNCTIONS))
}
