//! Manage Organization → Tools: what assistants can do beside answering, and what that needs.

mod test_panel;
mod tool_form;
mod tool_list;
mod tool_page;

use crate::client;
use crate::i18n::Key;
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::session::kept::Kept;
use crate::shell::manage::{ManagePage, PageAction};
use crate::shell::tool_name::tool_name;
use crate::ui::lazy::{Lazy, Load, preload};
use crate::ui::load::{Failure, Shape, Skeleton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use pulze_contract::tool::{Tool, ToolKind, ToolList, names_tool};
use pulze_contract::{Operation, OrganizationId, Permission};
use tool_list::ToolListView;
use tool_page::ToolPage;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::TOOLS,
    group: Key::Resources,
    title: Key::Tools,
    purpose: Key::ToolsPurpose,
    words: Key::WordsTools,
    icon: "tools",
    skeleton: (8, Shape::List),
    needs: |rest| if rest == paths::NEW { Operation::ToolCreate } else { Operation::ToolList },
    content: || Box::pin(tools()),
    actions: &[PageAction {
        title: Key::AddIntegration,
        permission: Permission::ToolsUpdate,
        path: |id| paths::tool(id, paths::NEW),
    }],
};

lazy_part!(tools, |_given: ()| view! { <ToolsPage/> }.into_any());
lazy_part!(tool_page, |given: (Tools, String)| view! { <ToolPage tools=given.0 id=given.1/> }.into_any());

/// One tool, to be fetched when a link to it is pointed at.
const ONE: Load<(Tools, String)> = || Box::pin(tool_page());

/// The tools as they are known.
#[derive(Clone, Copy)]
pub struct Tools {
    organization: StoredValue<OrganizationId>,
    list: Kept<ToolList>,
}

impl Tools {
    fn find(self, id: &str) -> Option<Tool> {
        self.list.known.get()?.tools.iter().find(|tool| tool.id == id).cloned()
    }

    /// What could take the place of a tool: identifiers and names of those that work.
    fn usable(self) -> Vec<(String, String)> {
        let known = self.list.known.get_untracked();
        let works = |tool: &&Tool| tool.enabled && tool.ready;
        known.iter().flat_map(|known| &known.tools).filter(works).map(|tool| (tool.id.clone(), tool_name(tool))).collect()
    }
}

#[component]
fn ToolsPage() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let organization = StoredValue::new(organization);
    let list = Kept::new(session, move || {
        let organization = organization.get_value();
        async move { client::tool_list(&organization).await }
    });
    let tools = Tools { organization, list };
    let parameters = use_params_map();
    let shown = Memo::new(move |_| {
        let rest = parameters.read().get("rest").unwrap_or_default();
        (rest == paths::NEW || names_tool(&rest)).then_some(rest)
    });
    let there = list.is_there();
    let content = move || match (there.get(), shown.get()) {
        (false, _) => match list.failure.get() {
            Some(error) => view! { <Failure error on_retry=move |()| list.again()/> }.into_any(),
            None => view! { <Skeleton lines=8 shape=Shape::List/> }.into_any(),
        },
        (true, Some(id)) => view! { <Lazy load=ONE given=(tools, id) lines=6/> }.into_any(),
        (true, None) => view! { <ToolListView tools on_near=move |()| preload(ONE)/> }.into_any(),
    };
    content.into_any()
}

/// What a kind of tool does, in a sentence.
fn kind_meaning(kind: ToolKind) -> Key {
    match kind {
        ToolKind::SpaceSearch => Key::ToolSpaceSearchMeaning,
        ToolKind::WebSearch => Key::ToolWebSearchMeaning,
        ToolKind::ImageGeneration => Key::ToolImageGenerationMeaning,
        ToolKind::TranscribeAudio => Key::ToolTranscribeAudioMeaning,
        ToolKind::XPost => Key::ToolXPostMeaning,
        ToolKind::Http => Key::ToolHttpMeaning,
        ToolKind::Mcp => Key::ToolMcpMeaning,
    }
}
