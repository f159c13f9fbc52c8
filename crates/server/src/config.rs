//! Every setting of `serve`, its default and its environment variable.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "PULZE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// `sqlite:FILE` or `postgres://…`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:.data/pulze.db", hide_env_values = true)]
    pub database: String,
    /// The address people type, `https://console.example`; `https` switches on Secure and `__Host-` cookies and HSTS.
    #[arg(long, env = "PULZE_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Folder of the built app; left out, the app inside the binary (if it was built with one).
    #[arg(long, env = "PULZE_APP")]
    pub app: Option<PathBuf>,
    /// A session ends after this long without a request, in minutes.
    #[arg(long, env = "PULZE_SESSION_IDLE_MINUTES", default_value_t = 60)]
    pub session_idle_minutes: u32,
    /// A session ends this long after the sign-in, in hours.
    #[arg(long, env = "PULZE_SESSION_HOURS", default_value_t = 24)]
    pub session_hours: u32,
    /// What is dangerous (making admins, removing members, new secrets and wider keys, files of data) asks for the
    /// password again this long after it was given, in minutes.
    #[arg(long, env = "PULZE_FRESH_SIGN_IN_MINUTES", default_value_t = 10)]
    pub fresh_sign_in_minutes: u32,
    /// Wrong passwords for one account within 15 minutes before it must wait.
    #[arg(long, env = "PULZE_SIGN_IN_LIMIT_ACCOUNT", default_value_t = 10)]
    pub sign_in_limit_account: u32,
    /// Wrong passwords from one address within 15 minutes before it must wait.
    #[arg(long, env = "PULZE_SIGN_IN_LIMIT_ADDRESS", default_value_t = 50)]
    pub sign_in_limit_address: u32,
    /// Let every signed-in person create organizations, not only admins and people without one.
    #[arg(long, env = "PULZE_OPEN_ORGANIZATIONS")]
    pub open_organizations: bool,
    /// Header in which your reverse proxy puts the client's address, `X-Forwarded-For`, `Forwarded` or another one (its
    /// last entry counts).
    #[arg(long, env = "PULZE_CLIENT_ADDRESS_HEADER")]
    pub client_address_header: Option<String>,
    /// Mail server, `smtps://user:password@host:465` or `smtp://host:587?tls=required`; without one, mails are
    /// kept in the database, to be read at `/outbox`.
    #[arg(long, env = "PULZE_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Who mails are from, `Pulze <console@example.com>`; needed with a mail server.
    #[arg(long, env = "PULZE_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Seals the secrets of tools: 64 hexadecimal digits. With SQLite, without one, a file beside the database
    /// holds it; who copies the database without that file copies no secret.
    #[arg(long, env = "PULZE_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// Let tools be tested at addresses of private networks, and by plain http.
    #[arg(long, env = "PULZE_ALLOW_PRIVATE_ENDPOINTS")]
    pub allow_private_endpoints: bool,
    /// Keep single calls for this many days after they were reported, to be looked at and to know a call that is
    /// reported again; what they add up to stays.
    #[arg(long, env = "PULZE_USAGE_CALLS_DAYS", default_value_t = 90)]
    pub usage_calls_days: u32,
    /// How long a request's body may take to arrive, in seconds; a second more for each 256 KiB that the operation takes.
    #[arg(long, env = "PULZE_BODY_SECONDS", default_value_t = 30)]
    pub body_seconds: u32,
    /// How long a request's head may take to arrive, and a connection may stay without a request, in seconds.
    #[arg(long, env = "PULZE_HEAD_SECONDS", default_value_t = 30)]
    pub head_seconds: u32,
    /// Connections at once; left out, as many as the limit of open files allows. Half of them are for one address at
    /// most, unless a proxy in front brings everybody from the same one.
    #[arg(long, env = "PULZE_CONNECTIONS")]
    pub connections: Option<usize>,
    /// File of the services that people can sign in by (OpenID Connect): a JSON list of `id`, `name`, `issuer`,
    /// `client_id`, `client_secret`, `creates_accounts`.
    #[arg(long, env = "PULZE_OIDC_PROVIDERS")]
    pub oidc_providers: Option<PathBuf>,
    /// File of names that spans have for providers, hosts and models of the catalogue, beside those that are known:
    /// JSON with `providers`, `hosts` and `models`.
    #[arg(long, env = "PULZE_MODEL_NAMES")]
    pub model_names: Option<PathBuf>,
    /// Fill an empty database with demo data; only on a loopback address.
    #[arg(long, env = "PULZE_DEMO")]
    pub demo: bool,
    /// Give Acme Robotics of the demo data this many members more, to see how long lists behave.
    #[arg(long, default_value_t = 0, hide = true)]
    pub demo_members: u32,
    /// And this many assistants more.
    #[arg(long, default_value_t = 0, hide = true)]
    pub demo_assistants: u32,
    /// And this many API keys, whose secrets follow from their number.
    #[arg(long, default_value_t = 0, hide = true)]
    pub demo_keys: u32,
    /// Run with the clock this many hours ahead, to see what ends and expires.
    #[arg(long, default_value_t = 0, hide = true)]
    pub clock_ahead_hours: u32,
}

impl Config {
    /// Whether people reach this server by https.
    pub fn secure(&self) -> bool {
        is_https(self.public_url.as_deref())
    }

    /// How long a body of at most so many bytes may take to arrive.
    pub fn body_patience(&self, most: usize) -> Duration {
        Duration::from_secs(u64::from(self.body_seconds) + u64::try_from(most / (256 * 1024)).unwrap_or_default())
    }

    /// Where an invitation with this secret is answered. The secret stands in the fragment: no server on
    /// the way, this one included, finds it in its logs.
    pub fn invitation_link(&self, secret: &str) -> String {
        self.console_link(&format!("/invitation#{secret}"))
    }

    /// Where the address of an account is proved; as with invitations, the secret stands in the fragment.
    pub fn verification_link(&self, secret: &str) -> String {
        self.console_link(&format!("/verify#{secret}"))
    }

    /// A page of the console, as a mail names it.
    pub fn console_link(&self, path: &str) -> String {
        let console = self.public_url.as_deref().map_or_else(|| format!("http://{}", self.listen), str::to_owned);
        format!("{}{path}", console.trim_end_matches('/'))
    }

    /// The name of the cookie that binds a sign-in by a provider to a browser.
    pub fn sign_in_cookie_name(&self) -> &'static str {
        if self.secure() { "__Host-pulze_sign_in" } else { "pulze_sign_in" }
    }

    /// The session cookie's name.
    pub fn cookie_name(&self) -> &'static str {
        cookie_name(self.secure())
    }
}

/// The address that people type, as browsers name it as an origin. Pages, cookies and the checks of foreign requests are
/// those of a whole host, so an address with a path is refused.
///
/// # Errors
/// What is wrong with it, for whoever starts the server.
pub fn public_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text.trim()).map_err(|error| format!("{error}; write it like https://console.example"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("it must begin with https:// or http:// and name a host".to_owned());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("the console needs a host of its own, like https://console.example: it cannot live below a path".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not name a user".to_owned());
    }
    Ok(url.origin().ascii_serialization())
}

/// Whether people reach this address by https.
pub fn is_https(public_url: Option<&str>) -> bool {
    public_url.is_some_and(|url| url.starts_with("https://"))
}

/// The session cookie's name: `__Host-` binds it to this host where the address is https.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-pulze_session" } else { "pulze_session" }
}

#[cfg(test)]
mod tests {
    use super::public_url;

    #[test]
    fn public_addresses_are_origins() {
        for (typed, origin) in [
            ("https://console.example", "https://console.example"),
            ("https://console.example/", "https://console.example"),
            (" HTTPS://Console.Example:443/ ", "https://console.example"),
            ("https://console.example:8443", "https://console.example:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(public_url(typed).as_deref(), Ok(origin));
        }
        for wrong in [
            "",
            "console.example",
            "https://",
            "ftp://console.example",
            "https://example.com/console",
            "https://example.com/console/",
            "https://example.com/?a",
            "https://example.com/#a",
            "https://user@example.com",
            "mailto:a@example.com",
        ] {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }
}
