//! The system's microphones, by cpal.

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Device, DeviceId, ErrorKind, FromSample, Host, InputCallbackInfo, Sample, SampleFormat,
    SizedSample, StreamConfig,
};

use super::{AudioSource, Feed, Format, Intake, Latch, SourceError, Stream, channel};
use crate::adapters::clock::monotonic_ns;

/// Callbacks a second that are asked for: more cost the sound client time, and some hosts deliver every two seconds
/// when they are not asked.
const CALLBACKS: u32 = 10;

/// An input device, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputDevice {
    pub name: String,
    pub format: Option<Format>,
    pub is_default: bool,
}

/// A microphone by name, or the default one; which that is, is asked anew at each opening.
pub struct Microphone {
    wanted: Option<String>,
    opened: String,
    /// Where the device came from and what it is there, to ask whether it is still there.
    origin: Option<(Host, DeviceId)>,
}

impl Microphone {
    pub fn new(wanted: Option<String>) -> Self {
        Self { wanted, opened: String::new(), origin: None }
    }
}

impl AudioSource for Microphone {
    fn open(&mut self) -> Result<(Stream, Intake), SourceError> {
        let _quiet = Quiet::new();
        let host = cpal::default_host();
        let device = find(&host, self.wanted.as_deref())?;
        self.opened = name(&device);
        self.origin = device.id().ok().map(|id| (host, id));
        let supported = device.default_input_config().map_err(refused)?;
        let format = Format { rate: supported.sample_rate(), channels: supported.channels() };
        let (feed, latch, intake) = channel(format);
        let mut config: StreamConfig = supported.config();
        config.buffer_size = BufferSize::Fixed(format.rate / CALLBACKS);
        let stream = match supported.sample_format() {
            SampleFormat::F32 => build::<f32>(&device, config, feed, latch),
            SampleFormat::F64 => build::<f64>(&device, config, feed, latch),
            SampleFormat::I8 => build::<i8>(&device, config, feed, latch),
            SampleFormat::I16 => build::<i16>(&device, config, feed, latch),
            SampleFormat::I24 => build::<cpal::I24>(&device, config, feed, latch),
            SampleFormat::I32 => build::<i32>(&device, config, feed, latch),
            SampleFormat::U8 => build::<u8>(&device, config, feed, latch),
            SampleFormat::U16 => build::<u16>(&device, config, feed, latch),
            SampleFormat::U32 => build::<u32>(&device, config, feed, latch),
            other => Err(SourceError::Refused(format!("its sample format {other} is not known"))),
        }?;
        stream.play().map_err(refused)?;
        Ok((Box::new(stream), intake))
    }

    fn name(&self) -> String {
        self.opened.clone()
    }

    fn is_present(&mut self) -> bool {
        // Only a sound server moves streams; other systems end them, and to list their devices may open them.
        let Some((host, opened)) = self.origin.as_ref().filter(|(host, _)| is_sound_server(host)) else {
            return true;
        };
        // A server that does not answer is another matter: the sound stops as well.
        host.input_devices()
            .map_or(true, |mut devices| devices.any(|device| device.id().is_ok_and(|id| id == *opened)))
    }
}

fn is_sound_server(host: &Host) -> bool {
    #[cfg(target_os = "linux")]
    return host.id() == cpal::HostId::PulseAudio;
    #[cfg(not(target_os = "linux"))]
    return false;
}

/// Every device that takes sound in; the default one first.
pub fn devices() -> Result<Vec<InputDevice>, SourceError> {
    let _quiet = Quiet::new();
    let host = cpal::default_host();
    let default = host.default_input_device();
    let mut found: Vec<InputDevice> = Vec::new();
    for device in default.iter().cloned().chain(host.input_devices().map_err(refused)?) {
        let config = device.default_input_config().ok();
        let format = config.map(|config| Format { rate: config.sample_rate(), channels: config.channels() });
        let entry =
            InputDevice { name: name(&device), format, is_default: default.as_ref() == Some(&device) };
        if !found.iter().any(|other| other.name == entry.name) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Keeps ALSA from writing its own errors over the screen, in this thread; ours say the same.
struct Quiet {
    #[cfg(target_os = "linux")]
    _errors: Option<std::rc::Rc<std::cell::RefCell<alsa::Output>>>,
}

impl Quiet {
    fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            _errors: alsa::Output::local_error_handler().ok(),
        }
    }
}

fn find(host: &Host, wanted: Option<&str>) -> Result<Device, SourceError> {
    let Some(wanted) = wanted else { return host.default_input_device().ok_or(SourceError::NoDevice) };
    let mut devices: Vec<Device> = host.input_devices().map_err(refused)?.collect();
    let exact = devices.iter().position(|device| name(device) == wanted);
    let part =
        || devices.iter().position(|device| name(device).to_lowercase().contains(&wanted.to_lowercase()));
    match exact.or_else(part) {
        Some(index) => Ok(devices.swap_remove(index)),
        None => Err(SourceError::Unknown(wanted.to_owned())),
    }
}

fn name(device: &Device) -> String {
    device.description().map_or_else(|_| device.to_string(), |description| description.name().to_owned())
}

fn refused(error: cpal::Error) -> SourceError {
    match error.kind() {
        ErrorKind::PermissionDenied => SourceError::NotAllowed,
        ErrorKind::HostUnavailable => SourceError::NoDevice,
        _ => SourceError::Refused(error.to_string()),
    }
}

fn build<T>(
    device: &Device,
    config: StreamConfig,
    mut feed: Feed,
    latch: Latch,
) -> Result<cpal::Stream, SourceError>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let data = move |samples: &[T], info: &InputCallbackInfo| {
        let times = info.timestamp();
        let delay = times.callback.saturating_duration_since(times.capture).as_nanos() as i64;
        feed.push(monotonic_ns() - delay, samples.iter().map(|sample| f32::from_sample(*sample)));
    };
    let failed = move |error: cpal::Error| {
        // A dead server calls this hundreds of thousands of times: only the first matters.
        if !matches!(error.kind(), ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged) {
            latch.fail();
        }
    };
    device.build_input_stream(config, data, failed, None).map_err(refused)
}
