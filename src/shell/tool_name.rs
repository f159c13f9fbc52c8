//! What a tool is called, wherever one is named.

use crate::i18n::{Key, text};
use pulze_contract::tool::{Tool, ToolKind};

/// What a kind of tool is called.
pub fn kind_name(kind: ToolKind) -> Key {
    match kind {
        ToolKind::SpaceSearch => Key::ToolSpaceSearch,
        ToolKind::WebSearch => Key::ToolWebSearch,
        ToolKind::ImageGeneration => Key::ToolImageGeneration,
        ToolKind::TranscribeAudio => Key::ToolTranscribeAudio,
        ToolKind::XPost => Key::ToolXPost,
        ToolKind::Http => Key::ToolHttp,
        ToolKind::Mcp => Key::ToolMcp,
    }
}

/// The organization's name for a tool, or what its kind is called.
pub fn tool_name(tool: &Tool) -> String {
    if tool.name.is_empty() { text(kind_name(tool.kind)) } else { tool.name.clone() }
}
