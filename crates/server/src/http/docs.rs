//! `/api/docs`: the OpenAPI document as a page to read, without a script.

use super::openapi;
use crate::App;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use serde_json::{Map, Value};
use std::fmt::{self, Display, Write};

const STYLE: &str = include_str!("docs.css");

/// Serves the page.
pub async fn page(State(app): State<App>) -> Html<String> {
    Html(render(&openapi::build(app.config.cookie_name())))
}

/// Serves its style sheet.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// Text between tags or in a quoted attribute.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => formatter.write_str("&amp;"),
            '<' => formatter.write_str("&lt;"),
            '>' => formatter.write_str("&gt;"),
            '"' => formatter.write_str("&quot;"),
            '\'' => formatter.write_str("&#39;"),
            other => formatter.write_char(other),
        })
    }
}

fn render(document: &Value) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_page(&mut out, document);
    out
}

fn write_page(out: &mut String, document: &Value) -> fmt::Result {
    let operations: Vec<(&str, &str, &Value)> = object(&document["paths"])
        .flat_map(|(path, methods)| object(methods).map(move |(method, operation)| (path, method, operation)))
        .collect();
    let title = Escaped(text(&document["info"]["title"]));
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} API</title>\n<link rel=\"icon\" href=\"/favicon.svg\">\n<link rel=\"stylesheet\" href=\"docs/style.css\">\n</head>\n<body>"
    )?;
    writeln!(
        out,
        "<header><h1>{title} API</h1><p>Version {}. The same as a document for programs: <a href=\"v1/openapi.json\">OpenAPI 3.1</a>. \
         Refusals are problem documents (RFC 9457): <a href=\"#Problem\">Problem</a>.</p></header>",
        Escaped(text(&document["info"]["version"]))
    )?;
    writeln!(out, "<nav aria-label=\"Operations\"><ul>")?;
    for (_, _, operation) in &operations {
        let id = Escaped(text(&operation["operationId"]));
        writeln!(out, "<li><a href=\"#{id}\">{id}</a></li>")?;
    }
    writeln!(out, "</ul></nav>\n<main>\n<h2>Operations</h2>")?;
    for (path, method, operation) in operations {
        write_operation(out, path, method, operation)?;
    }
    writeln!(out, "<h2>Types</h2>")?;
    for (name, schema) in object(&document["components"]["schemas"]) {
        writeln!(out, "<section id=\"{0}\"><h3><code>{0}</code></h3>", Escaped(name))?;
        write_schema(out, schema)?;
        writeln!(out, "</section>")?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn write_operation(out: &mut String, path: &str, method: &str, operation: &Value) -> fmt::Result {
    let id = Escaped(text(&operation["operationId"]));
    writeln!(out, "<section id=\"{id}\"><h3>{}</h3>", Escaped(text(&operation["summary"])))?;
    writeln!(out, "<p class=\"route\"><code>{} {}</code></p>\n<dl>", Escaped(&method.to_uppercase()), Escaped(path))?;
    let access = match (&operation["x-permission"], operation["security"].as_array()) {
        (Value::String(permission), _) => {
            let in_space =
                operation["x-space-permission"].as_str().map(|name| format!(" and <code>{}</code> in the space", Escaped(name)));
            format!("Members with <code>{}</code>{}", Escaped(permission), in_space.unwrap_or_default())
        }
        (_, Some(schemes)) if schemes.is_empty() => "Everybody".to_owned(),
        _ => "Everybody who is signed in".to_owned(),
    };
    writeln!(out, "<dt>Who</dt><dd>{access}</dd>")?;
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (place, name) = (Escaped(text(&parameter["in"])), Escaped(text(&parameter["name"])));
        writeln!(out, "<dt>In the {place}</dt><dd><code>{name}</code></dd>")?;
    }
    if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
        writeln!(out, "<dt>Body</dt><dd>{}</dd>", kind(schema))?;
    }
    for (status, answer) in object(&operation["responses"]) {
        // Refusals are kept at one place, which is named by their types.
        if let Some(kinds) = answer["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            let kinds = kinds.split('.').map(|kind| format!("<code>{}</code>", Escaped(kind))).collect::<Vec<_>>().join(", ");
            writeln!(out, "<dt>Refusal</dt><dd><code>{}</code> {kinds}</dd>", Escaped(status))?;
            continue;
        }
        let body = answer.pointer("/content/application~1json/schema").map_or_else(|| "no body".to_owned(), kind);
        writeln!(out, "<dt>Answer</dt><dd><code>{}</code> {body}</dd>", Escaped(status))?;
    }
    writeln!(out, "</dl></section>")
}

fn write_schema(out: &mut String, schema: &Value) -> fmt::Result {
    if let Some(description) = schema["description"].as_str() {
        writeln!(out, "<p>{}</p>", Escaped(description))?;
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut fields = object(&schema["properties"]).peekable();
    if fields.peek().is_none() {
        return writeln!(out, "<p>{}</p>", kind(schema));
    }
    writeln!(
        out,
        "<table><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Type</th><th scope=\"col\">Meaning</th></tr></thead><tbody>"
    )?;
    for (name, field) in fields {
        let optional = if required.contains(&name) { "" } else { ", optional" };
        let meaning = Escaped(text(&field["description"]));
        writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}{optional}</td><td>{meaning}</td></tr>",
            Escaped(name),
            kind(field)
        )?;
    }
    writeln!(out, "</tbody></table>")
}

/// The type of a schema in words, as HTML: a link to a named type, the values of a choice, or a plain type.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{0}\"><code>{0}</code></a>", Escaped(name));
    }
    if let Some(value) = schema["const"].as_str() {
        return format!("<code>{}</code>", Escaped(value));
    }
    let alternatives = schema["anyOf"].as_array().or(schema["oneOf"].as_array());
    if let Some(alternatives) = alternatives {
        return alternatives.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().filter_map(Value::as_str).map(|value| format!("<code>{}</code>", Escaped(value)));
        return values.collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) => name.clone(),
        _ => "anything".to_owned(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(key, value)| (key.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulze_contract::Operation;

    #[test]
    fn every_operation_and_every_type_has_its_place() {
        let document = openapi::build("pulze_session");
        let page = render(&document);
        for operation in Operation::ALL {
            assert!(page.contains(&format!("<section id=\"{}\">", operation.id())), "{}", operation.id());
            assert!(!operation.summary().is_empty(), "{} has no sentence", operation.id());
        }
        // What is linked to is there.
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("<section id=\"{link}\">")), "{link}");
        }
    }

    #[test]
    fn nothing_of_the_document_becomes_markup() {
        let document = serde_json::json!({ "info": { "title": "<script>&\"'", "version": "1" } });
        assert!(render(&document).contains("<h1>&lt;script&gt;&amp;&quot;&#39; API</h1>"));
    }
}
