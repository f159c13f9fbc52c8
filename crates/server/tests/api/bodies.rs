//! Bodies: nobody's are read before it is known who sends them, and nobody's without an end.

use crate::test_app::{Call, Client, on_each_database};
use axum::body::{Body, Bytes};
use axum::http::Request;
use pulze_contract::operation::{API_ROOT, Access};
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, Role};
use std::convert::Infallible;
use std::time::Duration;
use tower::ServiceExt;

/// A body that begins and never goes on.
fn unfinished() -> Body {
    let begun = futures_util::stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{"))]);
    Body::from_stream(futures_util::StreamExt::chain(begun, futures_util::stream::pending()))
}

async fn status(client: &Client, operation: Operation, path: &str) -> u16 {
    let mut request =
        Request::builder().method(operation.method().as_str()).uri(format!("{API_ROOT}{path}")).header("host", "console.test");
    request = request.header("content-type", "application/json");
    if let Some(cookie) = &client.cookie {
        request = request.header("cookie", cookie);
    }
    let answer = client.router.clone().oneshot(request.body(unfinished()).unwrap());
    let answer = tokio::time::timeout(Duration::from_secs(10), answer).await;
    answer.unwrap_or_else(|_| panic!("{operation:?} waits for the body")).unwrap().status().as_u16()
}

#[tokio::test]
async fn who_is_not_let_in_is_answered_before_the_body_is_read() {
    for app in on_each_database(&["--body-seconds", "60"]).await {
        let (admin, viewer) = (app.client("ada@acme.test").await, app.client("vic@acme.test").await);
        let roles = [(&admin.user, Role::Admin), (&viewer.user, Role::Viewer)];
        let organization = app.organization("Acme", Plan::PulzeXSuite, &roles).await;
        let (nobody, stranger) = (app.anonymous(), app.client("sam@else.test").await);
        let asked = Operation::ALL.iter().filter(|operation| operation.body_max() > 0 && operation.access() != Access::Public);
        for &operation in asked {
            let path = operation.path().replace("{organization_id}", organization.as_str());
            let path: String =
                path.split('/').map(|part| if part.starts_with('{') { "none" } else { part }).collect::<Vec<_>>().join("/");
            assert_eq!(status(&nobody, operation, &path).await, 401, "{operation:?}");
            if let Access::Member(permission) | Access::Resource(permission, _) = operation.access() {
                assert_eq!(status(&stranger, operation, &path).await, 404, "{operation:?}");
                if !Role::Viewer.grants_in(false, permission) {
                    assert_eq!(status(&viewer, operation, &path).await, 403, "{operation:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_given_up() {
    for app in on_each_database(&["--body-seconds", "1"]).await {
        assert_eq!(status(&app.anonymous(), Operation::SessionCreate, "/session").await, 408);
    }
}

#[tokio::test]
async fn each_operation_takes_so_much_and_no_more() {
    for app in on_each_database(&[]).await {
        let admin = app.client("ada@acme.test").await;
        let organization = app.organization("Acme", Plan::PulzeXSuite, &[(&admin.user, Role::Admin)]).await;
        for (operation, client) in [
            (Operation::SessionCreate, &app.anonymous()),
            (Operation::OrganizationUpdate, &admin),
            (Operation::UsageImport, &admin),
            (Operation::ImageUpload, &admin),
        ] {
            let call = Call {
                organization: Some(&organization),
                raw: Some(vec![b' '; operation.body_max() + 1]),
                headers: vec![("content-type", "application/json".to_owned()), ("if-match", "\"1\"".to_owned())],
                ..Call::default()
            };
            assert_eq!(client.send(operation, call.clone()).await.status, 413, "{operation:?}");
            let fits = Call { raw: Some(vec![b' '; operation.body_max()]), ..call };
            assert_ne!(client.send(operation, fits).await.status, 413, "{operation:?}");
        }
    }
}
