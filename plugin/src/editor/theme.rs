//! How the window looks: few colours, one scale of sizes.

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{Color32, Context, CornerRadius, FontId, Margin, Stroke, TextStyle, Theme, vec2};
use mixtrace_solver::processors::Kind;

/// Behind everything.
pub const GROUND: Color32 = Color32::from_rgb(0x13, 0x15, 0x18);
/// Panels and cards.
pub const PANEL: Color32 = Color32::from_rgb(0x1b, 0x1e, 0x23);
/// What can be pressed or typed into.
pub const RAISED: Color32 = Color32::from_rgb(0x27, 0x2c, 0x33);
/// The same under the pointer.
pub const HOVERED: Color32 = Color32::from_rgb(0x32, 0x38, 0x41);
/// Hairlines.
pub const LINE: Color32 = Color32::from_rgb(0x2e, 0x33, 0x3b);
/// Text that is read.
pub const TEXT: Color32 = Color32::from_rgb(0xe2, 0xe5, 0xe9);
/// Text that explains; 5.9:1 on [`PANEL`].
pub const QUIET: Color32 = Color32::from_rgb(0x97, 0xa0, 0xac);
/// Chosen, under way.
pub const ACCENT: Color32 = Color32::from_rgb(0x5f, 0xb0, 0xd4);
/// Recording, lost, failed, clipped.
pub const RED: Color32 = Color32::from_rgb(0xe8, 0x55, 0x52);
/// Sound, done.
pub const GREEN: Color32 = Color32::from_rgb(0x56, 0xb8, 0x86);
/// Waiting, nearly too loud.
pub const AMBER: Color32 = Color32::from_rgb(0xdf, 0xa9, 0x4a);

/// Between things that belong together.
pub const GAP: f32 = 8.0;
/// Between things that do not, and around a card's content.
pub const MARGIN: f32 = 14.0;
/// Corners.
pub const RADIUS: u8 = 5;
/// Height of a row in a table.
pub const ROW: f32 = 28.0;

/// Marks on scales, words in boxes.
pub fn tiny() -> FontId {
    FontId::proportional(10.5)
}

/// Captions and units.
pub fn small() -> FontId {
    FontId::proportional(12.0)
}

/// Everything else that is text.
pub fn body() -> FontId {
    FontId::proportional(13.5)
}

/// Numbers in tables; the font's digits are all of one width.
pub fn figures() -> FontId {
    FontId::proportional(13.0)
}

/// Numbers beside their names.
pub fn numbers() -> FontId {
    FontId::proportional(17.0)
}

/// The one number that a view is about.
pub fn big_figures() -> FontId {
    FontId::proportional(34.0)
}

/// A kind's colour, as in the report.
pub fn kind(kind: Kind) -> Color32 {
    Color32::from_hex(kind.look().colour).unwrap_or(ACCENT)
}

/// `from`, a share `t` of the way to `to`.
pub fn mix(from: Color32, to: Color32, t: f32) -> Color32 {
    from.lerp_to_gamma(to, t.clamp(0.0, 1.0))
}

/// Puts the theme on a window, whatever the system's preference is.
pub fn apply(ctx: &Context) {
    ctx.set_theme(Theme::Dark);
    let mut style = (*ctx.global_style()).clone();
    style.text_styles = [
        (TextStyle::Small, small()),
        (TextStyle::Body, body()),
        (TextStyle::Button, body()),
        (TextStyle::Heading, FontId::proportional(17.0)),
        (TextStyle::Monospace, figures()),
    ]
    .into();

    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(GAP, 6.0);
    spacing.button_padding = vec2(12.0, 4.0);
    spacing.interact_size = vec2(36.0, 26.0);
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(MARGIN as i8);
    spacing.combo_width = 80.0;
    // Bars lie beside the content (see `widgets::scroll`) and are thin until they are needed.
    spacing.scroll = egui::style::ScrollStyle::floating();
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.floating_width = 4.0;
    spacing.scroll.dormant_handle_opacity = 0.5;

    let visuals = &mut style.visuals;
    visuals.widgets = widgets();
    visuals.selection = Selection { bg_fill: ACCENT.gamma_multiply(0.35), stroke: Stroke::new(1.0, TEXT) };
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(QUIET);
    visuals.hyperlink_color = ACCENT;
    visuals.extreme_bg_color = GROUND;
    visuals.text_edit_bg_color = Some(GROUND);
    visuals.faint_bg_color = PANEL;
    visuals.code_bg_color = RAISED;
    visuals.warn_fg_color = AMBER;
    visuals.error_fg_color = RED;
    visuals.panel_fill = GROUND;
    visuals.window_fill = PANEL;
    visuals.window_stroke = Stroke::new(1.0, LINE);
    visuals.window_corner_radius = CornerRadius::same(RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    visuals.striped = false;
    visuals.disabled_alpha = 0.5;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;
    ctx.set_style_of(Theme::Dark, style);
    // The window's size is the host's and the user's business, not a key's.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

fn widgets() -> Widgets {
    let look = |fill: Color32, edge: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        fg_stroke: Stroke::new(1.0, text),
        corner_radius: CornerRadius::same(RADIUS),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: look(PANEL, LINE, TEXT),
        inactive: look(RAISED, LINE, TEXT),
        hovered: look(HOVERED, mix(LINE, QUIET, 0.4), TEXT),
        active: look(mix(RAISED, ACCENT, 0.35), ACCENT, TEXT),
        open: look(HOVERED, LINE, TEXT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two opaque colours (WCAG 2.1), 1…21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let [r, g, b, _] = egui::Rgba::from(c).to_array();
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (high, low) = (luminance(a).max(luminance(b)), luminance(a).min(luminance(b)));
        (high + 0.05) / (low + 0.05)
    }

    #[test]
    fn text_can_be_read_on_all_grounds() {
        for ground in [GROUND, PANEL, RAISED] {
            assert!(contrast(TEXT, ground) > 9.0);
            for colour in [QUIET, ACCENT, GREEN, AMBER] {
                assert!(contrast(colour, ground) > 4.5, "{colour:?} on {ground:?}");
            }
        }
        assert!(contrast(RED, PANEL) > 4.5);
    }
}
