//! `thinkaloud devices`

use std::process::ExitCode;

use anyhow::Result;

#[cfg(feature = "microphone")]
pub fn run(test: bool) -> Result<ExitCode> {
    use crate::adapters::microphone::cpal::{Microphone, devices};

    use super::failure::Missing;
    use super::output::say;

    let devices = devices()?;
    if devices.is_empty() {
        return Err(Missing(
            "no microphone was found; plug one in, or check the system's sound settings".into(),
        )
        .into());
    }
    for device in devices {
        let format = device.format.map_or("format unknown".to_owned(), |format| {
            format!("{} Hz, {} ch", format.rate, format.channels)
        });
        let level = match test {
            true => describe(&mut Microphone::new(Some(device.name.clone()))),
            false => String::new(),
        };
        let mark = if device.is_default { "*" } else { " " };
        say!("{mark} {:<44} {format:<16} {level}", device.name)?;
    }
    say!("* is the default; choose another with --device NAME.")?;
    Ok(ExitCode::SUCCESS)
}

/// Two seconds of listening, in words.
#[cfg(feature = "microphone")]
pub fn describe(source: &mut dyn crate::adapters::microphone::AudioSource) -> String {
    use std::time::{Duration, Instant};

    use crate::adapters::recorder::level::LevelMeter;

    let (_stream, mut intake) = match source.open() {
        Ok(opened) => opened,
        Err(error) => return error.to_string(),
    };
    let channels = usize::from(intake.format.channels.max(1));
    let mut meter = LevelMeter::new(intake.format.rate * channels as u32);
    let (mut loudest, mut samples, mut blocks, mut zeros) = (f32::NEG_INFINITY, Vec::new(), 0, true);
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        while intake.pop(&mut samples).is_some() {
            blocks += 1;
            zeros &= samples.iter().all(|&sample| sample == 0.0);
            meter.push(&samples);
            loudest = loudest.max(meter.decibels());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    match (blocks, zeros) {
        (0, _) => "gives no sound".into(),
        (_, true) => "only zeros: muted, or not allowed".into(),
        _ => format!("level up to {loudest:.0} dB"),
    }
}

#[cfg(not(feature = "microphone"))]
pub fn run(_: bool) -> Result<ExitCode> {
    Err(super::record::cannot_record().into())
}
