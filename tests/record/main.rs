//! Recording from a virtual microphone: what is played is recorded, on one clock with the edits, and no accident loses
//! what was recorded. Needs PulseAudio and the scripts that start a server of its own.
#![cfg(all(feature = "microphone", target_os = "linux"))]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../../examples/speakers_eval/hearing.rs"]
#[allow(dead_code)]
mod hearing;
mod sources;
mod studio;

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fixture::shared;
use serde_json::Value;
use studio::{Studio, clock, end, find, finished, lines, samples, seconds_recorded, sleep};
use thinkaloud::adapters::clock::monotonic_ns;
use thinkaloud::session::{Edit, Event, EventKind};

#[test]
fn sixty_seconds_of_sound_and_edits_on_one_clock() {
    let (Some(studio), Some(speech)) = (Studio::open(), shared("audio/speech/jfk_16k_mono.wav")) else {
        return;
    };
    let code = studio.folder.path().join("code");
    fs::create_dir(&code).unwrap();
    fs::write(code.join("a.py"), "start = 0\n").unwrap();
    let session = studio.folder.path().join("session");
    let child = studio
        .record(&session, &["--watch", &code.display().to_string(), "--seconds", "60", "--profile", "none"]);
    let (mut played, mut edited) = (Vec::new(), Vec::new());
    for round in 0..4 {
        sleep(1.0);
        played.push(monotonic_ns());
        let mut player = studio.play(&speech);
        sleep(2.0);
        let text = fs::read_to_string(code.join("a.py")).unwrap() + &format!("line_{round} = {round}\n");
        edited.push(monotonic_ns());
        fs::write(code.join("a.py"), text).unwrap();
        player.wait().unwrap();
    }
    let (code, said) = finished(child);
    assert_eq!(code, Some(0), "{said}");
    let length = seconds_recorded(&session);
    assert!((59.0..62.0).contains(&length), "{length}");
    assert!(lines::<Value>(&session.join("events.jsonl")).is_empty());

    let clock = clock(&session);
    let (original, recorded) = (samples(&speech), samples(&session.join("audio/000.wav")));
    for at in played {
        let wanted = clock.session_time(at).unwrap().as_seconds();
        let from = ((wanted - 0.5).max(0.0) * 16_000.0) as usize;
        let until = (from + original.len() + 24_000).min(recorded.len());
        let (found, correlation) = find(&original, &recorded[from..until]);
        let found = (from + found) as f64 / 16_000.0;
        // A tenth of a second that was lost would show as less.
        assert!(correlation > 0.98, "correlation {correlation}");
        assert!((found - wanted).abs() < 0.15, "played at {wanted}, found at {found}");
    }
    let edits = lines::<Edit>(&session.join("edits.jsonl"));
    assert_eq!(edits.len(), 4, "{edits:?}");
    for (edit, at) in edits.iter().zip(edited) {
        let wanted = clock.session_time(at).unwrap();
        assert!((edit.at - wanted).0.abs() < 150, "edited at {wanted:?}, recorded at {:?}", edit.at);
        assert_eq!(
            clock.session_time(edit.monotonic_ns.unwrap()).map(|t| (t - edit.at).0.abs() < 50),
            Some(true)
        );
    }
    assert_eq!(fs::read_to_string(session.join("snapshots/a.py")).unwrap(), "start = 0\n");
}

#[test]
fn a_kill_at_any_moment_loses_two_seconds_at_most() {
    let (Some(studio), Some(speech)) = (Studio::open(), shared("audio/speech/silero_test_60s.wav")) else {
        return;
    };
    let mut player = studio.play(&speech);
    let mut seed = monotonic_ns() as u64 | 1;
    for round in 0..10 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let session = studio.folder.path().join(format!("session-{round}"));
        let child = studio.record(&session, &[]);
        sleep(0.5 + (seed >> 40) as f64 / f64::from(1 << 24) * 4.0);
        let killed = monotonic_ns();
        end(child, "-KILL");
        let wanted = clock(&session).session_time(killed).unwrap().as_seconds();
        let opened = thinkaloud::adapters::store::open(&session).unwrap();
        assert!(opened.problems.is_empty(), "{:?}", opened.problems);
        assert!(
            wanted - seconds_recorded(&session) <= 2.0,
            "before: {wanted} {}",
            seconds_recorded(&session)
        );
        let output = studio.thinkaloud().arg("recover").arg(&session).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && (said.contains("mended") || said.contains("whole")), "{said}");
        assert!(wanted - seconds_recorded(&session) <= 2.0, "after: {wanted} {}", seconds_recorded(&session));
    }
    player.kill().unwrap();
    player.wait().unwrap();
}

#[test]
fn a_frozen_server_leaves_marked_silence() {
    let (Some(studio), Some(speech)) = (Studio::open(), shared("audio/speech/silero_test_60s.wav")) else {
        return;
    };
    let session = studio.folder.path().join("session");
    let child = studio.record(&session, &[]);
    let mut player = studio.play(&speech);
    sleep(3.0);
    studio.signal_server("-STOP");
    sleep(3.0);
    studio.signal_server("-CONT");
    sleep(4.0);
    let ended = monotonic_ns();
    let (code, said) = end(child, "-INT");
    assert_eq!(code, Some(0), "{said}");
    player.kill().unwrap();
    player.wait().unwrap();
    let wanted = clock(&session).session_time(ended).unwrap().as_seconds();
    let recorded = seconds_recorded(&session);
    assert!((recorded - wanted).abs() < 1.0, "{recorded} of {wanted}");
    // What was not delivered later was lost, and is said to be.
    let events = lines::<Event>(&session.join("events.jsonl"));
    let lost: f64 = events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::LostAudio { seconds } => Some(seconds),
            _ => None,
        })
        .sum();
    assert!(lost < 4.5, "{events:?}");
}

#[test]
fn a_server_that_dies_is_found_again() {
    let (Some(mut studio), Some(speech)) = (Studio::open(), shared("audio/speech/jfk_16k_mono.wav")) else {
        return;
    };
    let session = studio.folder.path().join("session");
    let child = studio.record(&session, &[]);
    sleep(3.0);
    studio.signal_server("-KILL");
    sleep(2.0);
    studio.serve();
    sleep(8.0);
    let mut player = studio.play(&speech);
    player.wait().unwrap();
    let (code, said) = end(child, "-TERM");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no sound comes from the microphone"), "{said}");
    let events = lines::<Event>(&session.join("events.jsonl"));
    let has = |wanted: fn(&EventKind) -> bool| events.iter().any(|event| wanted(&event.kind));
    assert!(has(|kind| matches!(kind, EventKind::DeviceLost { .. })), "{events:?}");
    assert!(has(|kind| matches!(kind, EventKind::DeviceBack { .. })), "{events:?}");
    assert!(has(|kind| matches!(kind, EventKind::LostAudio { seconds } if *seconds > 1.5)), "{events:?}");
    let recorded = samples(&session.join("audio/000.wav"));
    let (_, correlation) = find(&samples(&speech), &recorded);
    assert!(correlation > 0.9, "{correlation}");
}

#[test]
fn a_full_disk_and_a_removed_folder_end_the_recording_and_keep_it() {
    let Some(studio) = Studio::open() else { return };
    let session = studio.folder.path().join("gone");
    let child = studio.record(&session, &[]);
    sleep(3.0);
    fs::remove_dir_all(&session).unwrap();
    let (code, said) = finished(child);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("the session's folder was removed"), "{said}");
    assert!(seconds_recorded(&session) > 2.0);
    assert!(thinkaloud::adapters::store::open(&session).is_ok());

    let small = studio.folder.path().join("small");
    fs::create_dir(&small).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=500k", "tmpfs"]).arg(&small).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no small disk can be made here");
        return;
    }
    let session = small.join("session");
    let child = studio.record(&session, &[]);
    let (code, said) = finished(child);
    let recorded = seconds_recorded(&session);
    assert!(Command::new("umount").arg("-l").arg(&small).status().unwrap().success());
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("what was recorded until then is safe"), "{said}");
    assert!(recorded > 3.0, "{recorded}");
}

#[test]
fn two_recorders_marks_from_elsewhere_and_every_signal() {
    let Some(studio) = Studio::open() else { return };
    let (first, second) = (studio.folder.path().join("first"), studio.folder.path().join("second"));
    let one = studio.record(&first, &["--profile", "sprint-10"]);
    sleep(0.3);
    let two = studio.record(&second, &[]);
    sleep(1.5);
    let run = |arguments: &[&str]| studio.thinkaloud().args(arguments).output().unwrap().status.code();
    let before = monotonic_ns();
    assert_eq!(run(&["note", "a \"quoted\" note"]), Some(0));
    assert_eq!(run(&["stage", "iterate"]), Some(0));
    assert_eq!(run(&["run", "--", "sh", "-c", "sleep 0.3; exit 3"]), Some(3));
    sleep(1.5);
    // Twice in a row, as an impatient person does.
    let _ = Command::new("kill").args(["-INT", &two.id().to_string()]).status();
    assert_eq!(end(two, "-INT").0, Some(0));
    assert_eq!(end(one, "-HUP").0, Some(0));
    assert_eq!(run(&["note", "too late"]), Some(3));

    let events = lines::<Event>(&second.join("events.jsonl"));
    let wanted = clock(&second).session_time(before).unwrap();
    assert!((events[0].at - wanted).0.abs() < 500, "{:?} {wanted:?}", events[0]);
    assert_eq!(events[0].kind, EventKind::Note { text: "a \"quoted\" note".into() });
    assert_eq!(events[1].kind, EventKind::Stage { stage: "iterate".into() });
    let EventKind::Run { command, exit_code, seconds } = &events[2].kind else { panic!("{events:?}") };
    assert_eq!((command.as_str(), *exit_code), ("sh -c sleep 0.3; exit 3", 3));
    assert!((0.3..3.0).contains(seconds));
    // The first stage of the plan is marked at the start.
    let events = lines::<Event>(&first.join("events.jsonl"));
    assert_eq!(events[0].kind, EventKind::Stage { stage: "clarify".into() });
    for session in [&first, &second] {
        assert!(seconds_recorded(session) > 3.0);
    }
}

#[test]
fn without_a_microphone_it_says_so_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let session = home.path().join("session");
    let output = Command::new(env!("CARGO_BIN_EXE_thinkaloud"))
        .args(["record", "--device", "no such device", "--out"])
        .arg(&session)
        .env("THINKALOUD_HOME", home.path())
        .env("PULSE_SERVER", "unix:/no/such/socket")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(!session.exists());
}

/// Ten minutes with both cores busy. Run by hand, on a machine that does nothing else:
/// `cargo test --release --test record soak -- --ignored --nocapture`
#[test]
#[ignore = "takes ten minutes"]
fn a_soak_drops_nothing_and_grows_nowhere() {
    const SECONDS: u64 = 600;
    let (Some(studio), Some(speech)) = (Studio::open(), shared("audio/speech/silero_test_60s.wav")) else {
        return;
    };
    let mut keeper = studio.calm();
    assert!(studio.realtime(), "this needs the right to give the sound server its usual priority");
    let code = studio.folder.path().join("code");
    fs::create_dir(&code).unwrap();
    let session = studio.folder.path().join("session");
    let seconds = SECONDS.to_string();
    let child = studio.record(&session, &["--watch", &code.display().to_string(), "--seconds", &seconds]);
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let busy: Vec<_> = (0..2).map(|_| std::thread::spawn(move || while Instant::now() < until {})).collect();
    let status = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
    let memory = || -> Option<u64> {
        let text = status("status");
        text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
    };
    let ticks = || -> Option<u64> {
        let text = status("stat");
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    };
    let mut seen = Vec::new();
    while Instant::now() + Duration::from_secs(10) < until {
        let mut player = studio.command("paplay").arg("--latency-msec=500").arg(&speech).spawn().unwrap();
        sleep(45.0_f64.min((until - Instant::now()).as_secs_f64()));
        let _ = player.kill();
        let _ = player.wait();
        seen.extend(memory().zip(ticks()));
        eprintln!("memory {:?} kB, {:?} ticks of 10 ms", memory(), ticks());
    }
    busy.into_iter().for_each(|thread| thread.join().unwrap());
    let (code, said) = finished(child);
    assert_eq!(code, Some(0), "{said}");
    let lost: Vec<Event> = lines(&session.join("events.jsonl"));
    assert!(lost.iter().all(|event| !matches!(event.kind, EventKind::LostAudio { .. })), "{lost:?}");
    let (first, last) = (seen[1], seen[seen.len() - 1]);
    assert!(last.0 < first.0 + 4_000, "memory grew from {} to {} kB", first.0, last.0);
    let share = (last.1 - first.1) as f64 / 100.0 / (45.0 * (seen.len() - 2) as f64);
    eprintln!("{:.1} % of a core", share * 100.0);
    assert!(share < 0.05, "{share}");
    let _ = keeper.kill();
    let _ = keeper.wait();
}
