//! A provider of OpenID Connect that does what a test tells it to: everything right, or one thing wrong.

use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub const CLIENT: &str = "console";
pub const SECRET: &str = "a secret that both know and that is long enough";
/// The code that the provider knows.
pub const CODE: &str = "good-code";

/// What the provider does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    OtherIssuer,
    OtherAudience,
    MoreAudiences,
    NoAudience,
    OtherNonce,
    NoNonce,
    Expired,
    NoExpiry,
    IssuedInTheFuture,
    NoIssueTime,
    NoSubject,
    EmptySubject,
    LongSubject,
    Unsigned,
    OtherKey,
    Tampered,
    SharedSecret,
    PublicKeyAsSecret,
    UnknownKey,
    NoKeyNamed,
    OtherParty,
    NoIdToken,
    NoJson,
    ServerError,
    Redirect,
    TooLong,
    OtherAccessToken,
    OtherPersonTold,
    OtherIssuerDiscovered,
    NoKeys,
    /// No fault: some write booleans as text.
    BooleansAsText,
}

impl Fault {
    /// Those that the provider's own answers hold.
    pub const ALL: [Self; 30] = [
        Self::OtherIssuer,
        Self::OtherAudience,
        Self::MoreAudiences,
        Self::NoAudience,
        Self::OtherNonce,
        Self::NoNonce,
        Self::Expired,
        Self::NoExpiry,
        Self::IssuedInTheFuture,
        Self::NoIssueTime,
        Self::NoSubject,
        Self::EmptySubject,
        Self::LongSubject,
        Self::Unsigned,
        Self::OtherKey,
        Self::Tampered,
        Self::SharedSecret,
        Self::PublicKeyAsSecret,
        Self::UnknownKey,
        Self::NoKeyNamed,
        Self::OtherParty,
        Self::NoIdToken,
        Self::NoJson,
        Self::ServerError,
        Self::Redirect,
        Self::TooLong,
        Self::OtherAccessToken,
        Self::OtherPersonTold,
        Self::OtherIssuerDiscovered,
        Self::NoKeys,
    ];
}

/// What the next sign-in is about.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub subject: String,
    pub email: String,
    pub email_verified: bool,
    /// When they proved it there, in seconds; absent: not told.
    pub proved_at: Option<i64>,
}

#[derive(Default)]
struct Told {
    fault: Fault,
    person: Person,
    nonce: String,
    challenge: String,
}

struct Key {
    pkcs8: Vec<u8>,
    public: Vec<u8>,
}

impl Key {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { pkcs8: pkcs8.as_ref().to_vec(), public: pair.public_key().as_ref().to_vec() }
    }

    fn as_json(&self, id: &str) -> Value {
        // An uncompressed point: 4, then both coordinates.
        let coordinate = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&self.public[range]);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": coordinate(1..33), "y": coordinate(33..65) })
    }
}

struct Shared {
    issuer: String,
    told: Mutex<Told>,
    key: Key,
    second: Key,
    stranger: Key,
}

/// A provider on a port of its own.
#[derive(Clone)]
pub struct StandIn(Arc<Shared>);

impl StandIn {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let (key, second, stranger) = (Key::new(), Key::new(), Key::new());
        let shared = Arc::new(Shared { issuer, told: Mutex::default(), key, second, stranger });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/person", get(person))
            .route("/logo.png", get(logo))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self(shared)
    }

    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The operator's file that names this provider.
    pub fn file(&self, creates_accounts: bool) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let settings = json!([{
            "id": "company", "name": "Company", "issuer": self.0.issuer, "client_id": CLIENT, "client_secret": SECRET,
            "creates_accounts": creates_accounts
        }]);
        std::fs::write(file.path(), settings.to_string()).unwrap();
        file
    }

    /// Says what the next answer is to be.
    pub fn tell(&self, fault: Fault, person: &Person, (nonce, challenge): (&str, &str)) {
        *self.0.told.lock().unwrap() =
            Told { fault, person: person.clone(), nonce: nonce.to_owned(), challenge: challenge.to_owned() };
    }
}

async fn configuration(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    let told = shared.told.lock().unwrap().fault;
    let said = if told == Fault::OtherIssuerDiscovered { "https://other.example" } else { issuer };
    Json(json!({
        "issuer": said,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/person"),
        "end_session_endpoint": format!("{issuer}/end"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    if shared.told.lock().unwrap().fault == Fault::NoKeys {
        return Json(json!({ "keys": [] }));
    }
    Json(json!({ "keys": [shared.key.as_json("one"), shared.second.as_json("two")] }))
}

/// Only who has the verifier of the challenge trades the code.
async fn token(State(shared): State<Arc<Shared>>, Form(form): Form<HashMap<String, String>>) -> Response {
    let told = shared.told.lock().unwrap();
    let (fault, person, nonce) = (told.fault, told.person.clone(), told.nonce.clone());
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let proved = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == told.challenge;
    if !proved || form.get("code").map(String::as_str) != Some(CODE) {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    match fault {
        Fault::NoJson => return "<html>welcome</html>".into_response(),
        Fault::ServerError => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::Redirect => return (StatusCode::FOUND, [(header::LOCATION, "/token")]).into_response(),
        Fault::TooLong => return "x".repeat(1 << 20).into_response(),
        _ => {}
    }
    let access = "access-token";
    let mut answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 300 });
    if fault != Fault::NoIdToken {
        answer["id_token"] = json!(id_token(&shared, fault, &person, &nonce, access));
    }
    Json(answer).into_response()
}

fn id_token(shared: &Shared, fault: Fault, person: &Person, nonce: &str, access: &str) -> String {
    let now = pulze_console_server::now() / 1000;
    let half = &Sha256::digest(access.as_bytes())[..16];
    let mut claims = json!({
        "iss": shared.issuer, "aud": CLIENT, "sub": person.subject, "nonce": nonce, "iat": now, "exp": now + 300,
        "at_hash": URL_SAFE_NO_PAD.encode(half),
    });
    if let Some(at) = person.proved_at {
        claims["auth_time"] = json!(at);
    }
    // Otherwise it is told by the page about the person.
    if fault != Fault::OtherPersonTold && !person.email.is_empty() {
        claims["email"] = json!(person.email);
        claims["email_verified"] = json!(person.email_verified);
    }
    let mut set = |name: &str, value: Value| claims[name] = value;
    match fault {
        Fault::BooleansAsText => set("email_verified", json!(person.email_verified.to_string())),
        Fault::OtherIssuer => set("iss", json!("https://other.example")),
        Fault::OtherAudience => set("aud", json!("somebody-else")),
        Fault::MoreAudiences => set("aud", json!([CLIENT, "somebody-else"])),
        Fault::OtherNonce => set("nonce", json!("of another sign-in")),
        Fault::Expired => set("exp", json!(now - 600)),
        Fault::IssuedInTheFuture => set("iat", json!(now + 3600)),
        Fault::EmptySubject => set("sub", json!("")),
        Fault::LongSubject => set("sub", json!("x".repeat(300))),
        Fault::OtherParty => set("azp", json!("somebody-else")),
        Fault::OtherAccessToken => set("at_hash", json!(URL_SAFE_NO_PAD.encode([7; 16]))),
        _ => {}
    }
    let missing = match fault {
        Fault::NoAudience => "aud",
        Fault::NoNonce => "nonce",
        Fault::NoExpiry => "exp",
        Fault::NoIssueTime => "iat",
        Fault::NoSubject => "sub",
        _ => "",
    };
    if let Some(claims) = claims.as_object_mut() {
        claims.remove(missing);
    }
    signed(shared, fault, &claims)
}

fn signed(shared: &Shared, fault: Fault, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("one".to_owned());
    let key = |key: &Key| EncodingKey::from_ec_der(&key.pkcs8);
    let sign = |header: &Header, key: &EncodingKey| jsonwebtoken::encode(header, claims, key).unwrap();
    match fault {
        Fault::Unsigned => format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims)),
        Fault::OtherKey => sign(&header, &key(&shared.stranger)),
        Fault::UnknownKey => {
            header.kid = Some("nobody".to_owned());
            sign(&header, &key(&shared.stranger))
        }
        Fault::NoKeyNamed => {
            // Two keys could be meant.
            header.kid = None;
            sign(&header, &key(&shared.stranger))
        }
        Fault::Tampered => {
            let whole = sign(&header, &key(&shared.key));
            let parts: Vec<&str> = whole.split('.').collect();
            let mut other = claims.clone();
            other["sub"] = json!("somebody-else");
            format!("{}.{}.{}", parts[0], part(&other), parts[2])
        }
        Fault::SharedSecret => sign(&Header::new(Algorithm::HS256), &EncodingKey::from_secret(SECRET.as_bytes())),
        Fault::PublicKeyAsSecret => sign(&Header::new(Algorithm::HS256), &EncodingKey::from_secret(&shared.key.public)),
        _ => sign(&header, &key(&shared.key)),
    }
}

async fn person(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let told = shared.told.lock().unwrap();
    let subject = if told.fault == Fault::OtherPersonTold { "somebody-else" } else { &told.person.subject };
    Json(
        json!({ "sub": subject, "email": told.person.email, "email_verified": told.person.email_verified, "name": "Petra Provider" }),
    )
}

async fn logo() -> Response {
    ([(header::CONTENT_TYPE, "image/png")], png(200, 200)).into_response()
}

/// A picture of one colour.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut content = std::io::Cursor::new(Vec::new());
    let picture = image::DynamicImage::ImageRgb8(image::RgbImage::from_pixel(width, height, image::Rgb([20, 120, 200])));
    picture.write_to(&mut content, image::ImageFormat::Png).unwrap();
    content.into_inner()
}
