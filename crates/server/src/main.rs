//! The command line: `serve`, `create-admin`, `seats`, `outbox`, `backup`, `models`, `import-usage`, `openapi`.

use clap::{Parser, Subcommand};
use pulze_console_server::config::{Config, cookie_name, is_https, public_url};
use pulze_console_server::http::assets::Assets;
use pulze_console_server::service::{key_use, models};
use pulze_console_server::store::Store;
use pulze_console_server::usage::file_import::{self, DateOrder, Reading, Wishes};
use pulze_console_server::usage::model_names::ModelNames;
use pulze_console_server::{App, auth, demo, http, live, mail, store, usage};
use pulze_contract::table::DecimalSign;
use pulze_contract::{OrganizationId, UserId, validation};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(version, about = "The backend of the Pulze console")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the app.
    Serve(Config),
    /// Create a person who looks after the installation, and who can create organizations. The password is read from
    /// the variable PULZE_PASSWORD, so that it stands in no shell history.
    CreateAdmin {
        #[arg(long, env = "DATABASE_URL", default_value = "sqlite:.data/pulze.db", hide_env_values = true)]
        database: String,
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
    },
    /// Copy a SQLite database into a new file, while the server runs.
    Backup {
        #[arg(long, env = "DATABASE_URL", default_value = "sqlite:.data/pulze.db", hide_env_values = true)]
        database: String,
        /// The new file.
        file: String,
    },
    /// Print the newest mails, invitations with their links among them, newest first: for
    /// installations that send none, and for looking after those that do.
    Outbox {
        #[arg(long, env = "DATABASE_URL", default_value = "sqlite:.data/pulze.db", hide_env_values = true)]
        database: String,
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Limit how many members and pending invitations an organization may have together.
    Seats {
        #[arg(long, env = "DATABASE_URL", default_value = "sqlite:.data/pulze.db", hide_env_values = true)]
        database: String,
        /// The organization's identifier, `org_…`.
        #[arg(long)]
        organization: String,
        /// The limit; 0 for none. Who is there already stays.
        #[arg(long)]
        limit: u32,
    },
    /// Put the models of a CSV file into the catalogue; new ones start by each organization's rule.
    Models {
        #[arg(long, env = "DATABASE_URL", default_value = "sqlite:.data/pulze.db", hide_env_values = true)]
        database: String,
        /// With the columns of `crates/server/data/models.csv`.
        file: std::path::PathBuf,
    },
    /// Bring calls from a file into an organization's usage: CSV, or what a spreadsheet saves as text. The whole file
    /// is looked at first; then all of it is brought in, or nothing. A row counts once, however often it comes.
    ImportUsage {
        #[arg(long, env = "DATABASE_URL", default_value = "sqlite:.data/pulze.db", hide_env_values = true)]
        database: String,
        /// The organization's identifier, `org_…`.
        #[arg(long)]
        organization: String,
        /// Which column a field is read from, `time=TIMESTAMP`; the fields are those of `--set`.
        #[arg(long = "map", value_name = "FIELD=COLUMN")]
        map: Vec<String>,
        /// What a field is in every row, `model=openai/gpt-4o`. Fields: id, time, space, member, assistant, model, router, key,
        /// key_version, prompt_tokens, completion_tokens, latency, status, cost_usd.
        #[arg(long = "set", value_name = "FIELD=VALUE")]
        set: Vec<String>,
        /// Look at the file and say what it holds, without writing.
        #[arg(long)]
        dry_run: bool,
        /// Bring the other rows in where some cannot be taken.
        #[arg(long)]
        skip_refused: bool,
        /// The encoding, where it is not UTF-8, UTF-16 or windows-1252.
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
        /// What separates cells, where it is neither found nor said by the file; `tab` for a tab.
        #[arg(long, value_name = "SIGN", value_parser = separator)]
        separator: Option<char>,
        /// The decimal sign, where the numbers of the file fit both.
        #[arg(long)]
        decimal: Option<Sign>,
        /// The order of dates like 03/04/2026, where the dates of the file fit both.
        #[arg(long)]
        dates: Option<Dates>,
        /// The time zone of times that say none, `Europe/Zurich`; UTC otherwise.
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
        /// With one line of column names.
        file: std::path::PathBuf,
    },
    /// Take in many events that are made up, ask about them, and print how long that took.
    #[command(hide = true)]
    MeasureUsage {
        #[arg(long)]
        database: String,
        #[arg(long, default_value_t = 100_000)]
        events: u64,
    },
    /// Print the OpenAPI document, as a server at this address answers it.
    Openapi {
        #[arg(long, env = "PULZE_PUBLIC_URL", value_parser = public_url)]
        public_url: Option<String>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Sign {
    Point,
    Comma,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Dates {
    /// The day first.
    Dmy,
    /// The month first.
    Mdy,
}

fn separator(text: &str) -> Result<char, String> {
    let mut signs = text.chars();
    match (text, signs.next(), signs.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(sign), None) => Ok(sign),
        _ => Err("one sign, or `tab`".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("PULZE_LOG").unwrap_or_else(|_| "warn,pulze_console_server=info".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let result = run(CommandLine::parse().command).await;
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Serve(config) => serve(config).await,
        Command::CreateAdmin { database, email, name } => create_admin(&database, &email, &name).await,
        Command::Backup { database, file } => backup(&database, &file).await,
        Command::Outbox { database, limit } => outbox(&database, limit).await,
        Command::Seats { database, organization, limit } => seats(&database, &organization, limit).await,
        Command::Models { database, file } => models_file(&database, &file).await,
        Command::ImportUsage {
            database,
            organization,
            map,
            set,
            dry_run,
            skip_refused,
            encoding,
            separator,
            decimal,
            dates,
            zone,
            file,
        } => {
            let decimal = decimal.map(|sign| if sign == Sign::Comma { DecimalSign::Comma } else { DecimalSign::Point });
            let dates = dates.map(|order| if order == Dates::Dmy { DateOrder::DayFirst } else { DateOrder::MonthFirst });
            let wishes = Wishes { encoding, separator, decimal, dates, zone, dry_run, skip_refused };
            import_usage(&database, &organization, &Reading::new(&map, &set)?, &wishes, &file).await
        }
        Command::MeasureUsage { database, events } => {
            let store = Store::open(&database).await?;
            models::load_shipped(&store).await?;
            Ok(usage::measure::run(&store, events).await?)
        }
        Command::Openapi { public_url } => {
            println!("{:#}", http::openapi::build(cookie_name(is_https(public_url.as_deref()))));
            Ok(())
        }
    }
}

async fn serve(mut config: Config) -> Result<(), Box<dyn Error>> {
    if config.demo && !config.listen.ip().is_loopback() {
        return Err("demo data has known passwords: it is refused on an address that is not loopback".into());
    }
    let assets = match &config.app {
        Some(folder) => Assets::from_folder(folder).map_err(|error| format!("{}: {error}", folder.display()))?,
        None => Assets::embedded(),
    };
    let store = Store::open(&config.database).await?;
    let sealer = Arc::new(auth::seal::Sealer::from_config(&config)?);
    models::load_shipped(&store).await?;
    if config.demo {
        let more = demo::More { members: config.demo_members, assistants: config.demo_assistants, keys: config.demo_keys };
        demo::fill(&store, &sealer, more).await?;
    }
    pulze_console_server::set_clock_ahead(i64::from(config.clock_ahead_hours) * 3_600_000);
    let delivery = mail::Delivery::from_config(&config)?;
    let listener = TcpListener::bind(config.listen).await?;
    let address = listener.local_addr()?;
    // Where port 0 asked for a free one, links in mails need to know which it became.
    config.listen = address;
    if let Some(delivery) = delivery {
        tokio::spawn(mail::run(store.clone(), delivery));
    }
    let providers = match &config.oidc_providers {
        Some(file) => auth::openid::Providers::from_file(file)?,
        None => auth::openid::Providers::default(),
    };
    let model_names = match &config.model_names {
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            ModelNames::read(&text).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => ModelNames::default(),
    };
    let app = App {
        model_names: Arc::new(model_names),
        config: Arc::new(config),
        store: store.clone(),
        assets: Arc::new(assets),
        sealer,
        key_use: Arc::default(),
        providers: Arc::new(providers),
        live: Arc::default(),
    };
    tokio::spawn(live::run(app.clone()));
    tokio::spawn(key_use::run(app.clone()));
    tokio::spawn(usage::retention::run(app.clone()));
    let (key_use, streams) = (app.key_use.clone(), app.live.clone());
    // The one line on standard output: whoever started us waits for it.
    println!("listening on http://{address}");
    http::connections::serve(listener, app, stopped(streams)).await;
    key_use.write_down(&store).await?;
    store.close().await;
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM; requests under way are then finished, and streams ended.
async fn stopped(streams: Arc<live::Live>) {
    signal().await;
    streams.stop();
}

async fn signal() {
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! { _ = terminate.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn create_admin(database: &str, email: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let password = std::env::var("PULZE_PASSWORD").map_err(|_| "set PULZE_PASSWORD to the new person's password")?;
    validation::new_password(&password).map_err(|_| "the password needs 12 to 1,024 characters")?;
    let email = validation::email(email).map_err(|rule| format!("the email is not valid: {rule:?}"))?;
    let name = validation::name(name).map_err(|rule| format!("the name is not valid: {rule:?}"))?;
    let store = Store::open(database).await?;
    let hash = auth::password::hash(password).await?;
    let id = UserId::from_digits(&pulze_console_server::new_digits());
    let user = store::users::User { id, email, name, administers_installation: true };
    let mut change = store.change(store::Tenant::Installation).await?;
    store::users::insert(&mut change, &user, &hash, pulze_console_server::now()).await?;
    change.commit().await?;
    println!("{} can sign in now, and create an organization", user.email);
    Ok(())
}

async fn outbox(database: &str, limit: u32) -> Result<(), Box<dyn Error>> {
    let store = Store::open(database).await?;
    let (_, mails) = store::mails::list(&mut *store.read().await?, limit).await?;
    for mail in mails {
        println!(
            "To: {}\nSubject: {}\nDate: {}\n",
            mail.recipient,
            mail.subject,
            pulze_console_server::iso_time(mail.created_at)
        );
        println!("{}\n", mail.text);
    }
    Ok(())
}

async fn seats(database: &str, organization: &str, limit: u32) -> Result<(), Box<dyn Error>> {
    let id = OrganizationId::parse(organization).ok_or("that is not the identifier of an organization")?;
    let store = Store::open(database).await?;
    let mut change = store.change(store::Tenant::Installation).await?;
    if !store::organizations::set_seats(&mut change, &id, limit).await? {
        return Err("there is no such organization".into());
    }
    change.commit().await?;
    println!("{}", if limit == 0 { "no limit".to_owned() } else { format!("{limit} seats") });
    Ok(())
}

async fn models_file(database: &str, file: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let csv = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let store = Store::open(database).await?;
    models::load_shipped(&store).await?;
    let loaded = models::load_catalogue(&store, &csv).await?;
    println!("{} models, {} of them new", loaded.models, loaded.new);
    Ok(())
}

async fn import_usage(
    database: &str,
    organization: &str,
    reading: &Reading,
    wishes: &Wishes,
    file: &std::path::Path,
) -> Result<(), Box<dyn Error>> {
    let id = OrganizationId::parse(organization).ok_or("that is not the identifier of an organization")?;
    let store = Store::open(database).await?;
    let bar = indicatif::ProgressBar::new(0);
    bar.set_style(indicatif::ProgressStyle::with_template("{bar:40} {pos} of {len} calls, {elapsed}, {eta} to go")?);
    let progress = |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    };
    let done = file_import::run(&store, &id, file, reading, wishes, progress).await;
    bar.finish_and_clear();
    let done = done?;
    store.close().await;
    print!("{}", done.look);
    match done.counted {
        Some(counted) => println!("{counted} calls were counted"),
        None => println!("nothing was written"),
    }
    done.look.advice().map_or(Ok(()), |advice| match done.counted {
        Some(_) => Err(format!("{} rows were refused and left out", done.look.refused).into()),
        None => Err(advice.into()),
    })
}

async fn backup(database: &str, file: &str) -> Result<(), Box<dyn Error>> {
    if std::path::Path::new(file).exists() {
        return Err(format!("{file} exists").into());
    }
    Store::open(database).await?.backup(file).await?;
    println!("{file}");
    Ok(())
}
