//! Sets up linking against Node-API, when the feature `node` asks for it.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
