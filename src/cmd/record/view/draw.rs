//! One calm screen: nothing on it moves but the times and the level.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Position};
use ratatui::text::Text;

use super::super::state::LiveState;
use super::fit::width;
use super::page::Page;
use super::row::{Row, Worth};

/// From this width on there is room for a margin and a column of labels.
const WIDE: u16 = 48;

/// Draws `state`, and the note that is being typed.
pub fn render(frame: &mut Frame, state: &LiveState, typing: Option<&str>) {
    let wide = frame.area().width >= WIDE;
    let area = frame.area().inner(Margin::new(if wide { 2 } else { 0 }, 0));
    if area.is_empty() {
        return;
    }
    let page = Page { state, wide, width: area.width.into() };
    let mut rows = page.body();
    rows.extend(page.foot(typing));
    while rows.len() > area.height.into() {
        let Some((least, _)) = rows.iter().enumerate().min_by_key(|(_, row)| row.worth) else { break };
        rows.remove(least);
    }
    let (foot, body): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| matches!(row.worth, Worth::Keys | Worth::Note));
    let [above, below] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(foot.len() as u16)]).areas(area);
    if typing.is_some()
        && let Some(note) = foot.last()
    {
        let column = width(&note.text) as u16;
        frame.set_cursor_position(Position::new(area.x.saturating_add(column), area.bottom() - 1));
    }
    frame.render_widget(Text::from_iter(body.into_iter().map(Row::line)), above);
    frame.render_widget(Text::from_iter(foot.into_iter().map(Row::line)), below);
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::session::Millis;

    fn drawn(columns: u16, rows: u16, state: &LiveState, typing: Option<&str>) -> String {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| render(frame, state, typing)).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = buffer.content().chunks(columns.into());
        let lines = lines.map(|cells| cells.iter().map(|cell| cell.symbol()).collect::<String>());
        lines.map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    fn state() -> LiveState {
        LiveState {
            title: "Rate limiter".to_owned(),
            elapsed: Millis::seconds(754),
            level: -27.0,
            since_speech: Millis::seconds(12),
            stage: Some(("skeleton".to_owned(), Millis::seconds(324))),
            plan: [("clarify", 5.0), ("skeleton", 20.0), ("iterate", 10.0), ("optimize", 5.0)]
                .map(|(name, minutes)| (name.to_owned(), minutes))
                .into(),
            last_edit: Some((Millis::seconds(749), "rate_limiter.py".to_owned())),
            edits: 14,
            ..LiveState::default()
        }
    }

    fn everything() -> LiveState {
        LiveState {
            elapsed: Millis::seconds(1654),
            level: f32::NEG_INFINITY,
            since_speech: Millis::seconds(72),
            trouble: Some("the microphone gives nothing but silence".to_owned()),
            thinking: true,
            nudge: true,
            ..state()
        }
    }

    #[test]
    fn calm() {
        let expected = "

  Rate limiter

  12:34

  stage       skeleton 7:10 of 20:00
  plan        clarify  [skeleton]  iterate  optimize

  level       ███████████········· good
  last word   0:12 ago
  last edit   rate_limiter.py 0:05 ago · 14 edits
"
        .to_owned()
            + &"\n".repeat(12)
            + "  [n]ext stage  [m] note  [t]hinking  [p]ause  [q] stop\n";
        assert_eq!(drawn(80, 24, &state(), None), expected[1..]);
    }

    #[test]
    fn before_the_first_word() {
        let state = LiveState {
            elapsed: Millis::seconds(3),
            level: -58.0,
            since_speech: Millis::seconds(3),
            stage: None,
            last_edit: None,
            held: true,
            ..state()
        };
        let expected = "
  Rate limiter

  0:03  held - not recording

  stage       no stage yet
  plan        clarify  skeleton  iterate  optimize

  level       ···················· not recording
  last word   none yet
  last edit   none yet


  [n]ext stage  [m] note  [t]hinking  [p] go on  [q] stop
";
        assert_eq!(drawn(80, 13, &state, None), expected[1..]);
    }

    #[test]
    fn everything_at_once_and_a_note() {
        let expected = "

  Rate limiter

  27:34  thinking (announced)

  stage       skeleton 22:10 of 20:00, 2:10 over
  plan        clarify  [skeleton]  iterate  optimize

  level       ···················· nothing: muted?
  last word   1:12 ago
  last edit   rate_limiter.py 15:05 ago · 14 edits

  keep talking
  Trouble: the microphone gives nothing but silence
"
        .to_owned()
            + &"\n".repeat(8)
            + "  [Enter] keep  [Esc] drop\n  note> why a deque 日\n";
        assert_eq!(drawn(80, 24, &everything(), Some("why a deque 日")), expected[1..]);
    }

    #[test]
    fn narrow() {
        let expected = "
27:34  thinking (announced)
skeleton 22:10 of 20:00, 2:10 over
clarify  [skeleton]  iterate  optimize
level ·················· nothing: muted?
last word 1:12 ago
last edit …miter.py 15:05 ago · 14 edits
keep talking
Trouble: the microphone gives nothing
but silence
[n]ext [m]note [t]hink [p]ause [q]stop
";
        assert_eq!(drawn(40, 10, &everything(), None), expected[1..]);
    }

    #[test]
    fn tiny() {
        let expected = "\nskeleton 2:10 over\nlast word 1:12 ago\nkeep talking\n";
        let state = LiveState { trouble: None, ..everything() };
        assert_eq!(drawn(20, 4, &state, None), "27:34  thinking (an…".to_owned() + expected);
        let expected = "27:34  thinking (an…\nTrouble: the\nmicrophone gives\nnothing but silence\n";
        assert_eq!(drawn(20, 4, &everything(), None), expected);
        let expected = "12:34\nskele… 7:10 of 20:00\nlast word 0:12 ago\n[n] [m] [t] [p] [q]\n";
        assert_eq!(drawn(20, 4, &self::state(), None), expected);
        let typed = drawn(20, 4, &self::state(), Some("why not a list"));
        assert!(typed.ends_with("note> …y not a list\n"), "{typed}");
    }

    #[test]
    fn the_cursor_stands_behind_the_note() {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| render(frame, &state(), Some("日x"))).unwrap();
        terminal.backend_mut().assert_cursor_position((11, 23));
    }

    #[test]
    fn the_past_goes_first_where_the_plan_is_long() {
        let mut state = state();
        state.plan = ('a'..='z').map(|name| (format!("stage-{name}"), 2.0)).collect();
        state.stage = Some(("stage-m".to_owned(), Millis::ZERO));
        let expected = "  plan        … [stage-m]  stage-n  stage-o  stage-p  stage-q  stage-r  stage…\n";
        let shown = drawn(80, 24, &state, None);
        assert!(shown.contains(expected), "{shown}");
        state.plan.truncate(15);
        let expected = "  plan        … stage-j  stage-k  stage-l  [stage-m]  stage-n  stage-o\n";
        let shown = drawn(80, 24, &state, None);
        assert!(shown.contains(expected), "{shown}");
    }

    #[test]
    fn no_size_and_no_text_from_outside_harms() {
        let mut hostile = everything();
        hostile.title = "\x1b]0;owned\x07\u{202e}日本👩‍👩‍👧".repeat(9);
        hostile.plan = vec![("\x1b[2J".to_owned(), f64::NAN), (String::new(), -1.0)];
        hostile.stage = Some(("\x1b[2J".to_owned(), Millis(i64::MAX)));
        hostile.last_edit = Some((Millis(i64::MIN), "a\nb/\u{9b}c日".repeat(30)));
        hostile.trouble = Some("\r\n\t".to_owned() + &"long".repeat(50));
        for (columns, rows) in (1..90).flat_map(|columns| [0, 1, 2, 3, 4, 10, 30].map(|rows| (columns, rows)))
        {
            hostile.level = [f32::NAN, f32::INFINITY, 3.0, -400.0][usize::from(columns % 4)];
            for typing in [None, Some(""), Some("日\x1b日日日日日日日日日")] {
                let shown = drawn(columns, rows, &hostile, typing);
                assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{columns}x{rows}");
            }
        }
    }
}
