# What a newcomer wants: `make demo` shows a report, `make test` checks everything.
.PHONY: demo test test-browser tools

# What is built here runs here: the recogniser may use all that this CPU can.
export GGML_NATIVE = ON

demo: tools
	cargo build --release --locked
	scripts/setup.sh model target/release/thinkaloud
	target/release/thinkaloud analyze --no-history samples/rate-limiter

test: tools
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	cargo build --locked
	scripts/setup.sh model target/debug/thinkaloud
	THINKALOUD_TEST_MODEL=required cargo test --locked --lib --bins --tests
	cargo test --locked --no-default-features --lib --bins --tests

# What the report does in Chromium; installs Chromium and Node where they are missing.
test-browser: tools
	scripts/setup.sh browser-tests
	cargo build --locked
	node --test --test-concurrency=1 tests/browser/report.test.mjs

tools:
	@scripts/setup.sh tools
