//! Files of calls as notebooks, warehouses, editors and spreadsheets write them: read whole or refused by line, written
//! all or not at all, and counted once.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_console_server::usage::file_import::{self, DateOrder, Done, Reading, Wishes};
use pulze_contract::money::Money;
use pulze_contract::organization::Plan;
use pulze_contract::table::DecimalSign;
use pulze_contract::usage::Amounts;
use pulze_contract::{Operation, OrganizationId, Role};
use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/usage_files");

/// The same three calls, as each tool writes them: 1,200 and 340 tokens for $0.0064, 80 and 0 for $0.000045, 80 and 12
/// for $0.0000123.
const DIALECTS: [(&str, &[&str], &str, &str); 7] = [
    (
        "notebook.csv",
        &["time=timestamp", "prompt_tokens=prompt_tokens", "completion_tokens=completion_tokens", "cost_usd=cost"],
        "UTF-8",
        "comma",
    ),
    (
        "warehouse-bigquery.csv",
        &["time=ts", "prompt_tokens=input_tokens", "completion_tokens=output_tokens", "cost_usd=usd"],
        "UTF-8",
        "comma",
    ),
    ("warehouse-snowflake.tsv", &["time=TS", "prompt_tokens=INPUT", "completion_tokens=OUTPUT", "cost_usd=USD"], "UTF-8", "tab"),
    (
        "editor.csv",
        &["time=Date", "prompt_tokens=Input (w/o Cache Write)", "completion_tokens=Output Tokens", "cost_usd=Cost"],
        "UTF-8",
        "comma",
    ),
    (
        "spreadsheet-german.csv",
        &["time=Zeit", "prompt_tokens=Eingabe", "completion_tokens=Ausgabe", "cost_usd=Kosten"],
        "windows-1252",
        "semicolon",
    ),
    (
        "spreadsheet-american.txt",
        &["time=Time", "prompt_tokens=Input", "completion_tokens=Output", "cost_usd=Cost"],
        "UTF-16LE",
        "tab",
    ),
    (
        "spreadsheet-sep.csv",
        &["time=Time", "prompt_tokens=Input", "completion_tokens=Output", "cost_usd=Cost"],
        "UTF-8",
        "semicolon",
    ),
];

struct Place {
    id: OrganizationId,
    admin: Client,
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let admin = app.client(&format!("admin-{}@files.test", pulze_console_server::new_digits())).await;
        let id = app.organization("Files", Plan::PulzeXSuite, &[(&admin.user, Role::Admin)]).await;
        Self { id, admin }
    }

    async fn total(&self) -> Amounts {
        let call = Call { organization: Some(&self.id), query: "?range=2020-01-01..2025-12-31", ..Call::default() };
        let reply = self.admin.send(Operation::UsageRead, call).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        serde_json::from_value(reply.json()["total"].clone()).unwrap()
    }

    async fn import(&self, app: &TestApp, file: &Path, columns: &[&str], wishes: &Wishes) -> Result<Done, String> {
        let columns: Vec<String> = columns.iter().map(|pair| (*pair).to_owned()).chain(["model=model".to_owned()]).collect();
        let columns = columns.iter().map(|pair| if pair == "model=model" { model_column(file) } else { pair.clone() });
        let reading = Reading::new(&columns.collect::<Vec<_>>(), &[]).unwrap();
        file_import::run(&app.store, &self.id, file, &reading, wishes, |_, _| {}).await.map_err(|error| error.to_string())
    }
}

/// Each file calls the column of models by its own word.
fn model_column(file: &Path) -> String {
    let name = file.file_name().unwrap().to_string_lossy();
    let column = match name.as_ref() {
        "warehouse-snowflake.tsv" => "MODEL",
        "editor.csv" | "cursor.csv" => "Model",
        "spreadsheet-german.csv" => "Modell",
        "spreadsheet-american.txt" | "spreadsheet-sep.csv" => "Model",
        _ => "model",
    };
    format!("model={column}")
}

fn shipped(name: &str) -> PathBuf {
    Path::new(FILES).join(name)
}

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test]
async fn every_tool_s_file_is_read_and_the_same_calls_count_once() {
    for app in on_each_database(&[]).await {
        // Each for itself comes to the same three calls.
        let mut expected = None;
        for (name, columns, encoding, separator) in DIALECTS {
            let place = Place::new(&app).await;
            let look = place.import(&app, &shipped(name), columns, &Wishes { dry_run: true, ..Wishes::default() }).await;
            let look = look.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(look.counted, None, "a look writes nothing");
            let look = look.look;
            assert_eq!((look.rows, look.new, look.refused), (3, 3, 0), "{name}\n{look}");
            assert!(look.encoding.starts_with(encoding), "{name}\n{look}");
            assert_eq!(look.separator, separator, "{name}\n{look}");
            assert_eq!(place.total().await, Amounts::default(), "a look writes nothing");
            let done = place.import(&app, &shipped(name), columns, &Wishes::default()).await.unwrap();
            assert_eq!(done.counted, Some(3), "{name}");
            let total = place.total().await;
            assert_eq!((total.calls, total.prompt_tokens, total.completion_tokens), (3, 1_360, 352), "{name}");
            assert_eq!(total.cost, Money::nano(6_457_300), "{name}");
            assert_eq!(look.reported, 6_457_300, "{name}");
            assert_eq!(*expected.get_or_insert(total), total, "{name}");
        }
        // Into one organization: what one file brought is known of all others.
        let place = Place::new(&app).await;
        for (number, (name, columns, ..)) in DIALECTS.into_iter().enumerate() {
            let done = place.import(&app, &shipped(name), columns, &Wishes::default()).await.unwrap();
            let told = if number == 0 { (3, 0, Some(3)) } else { (0, 3, None) };
            assert_eq!((done.look.new, done.look.known, done.counted), told, "{name}\n{}", done.look);
        }
        assert_eq!(Some(place.total().await), expected);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_by_its_line_and_nothing_is_written() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let columns = ["time=Date", "prompt_tokens=Input (w/o Cache Write)", "completion_tokens=Output Tokens", "cost_usd=Cost"];
        let done = place.import(&app, &shipped("cursor.csv"), &columns, &Wishes::default()).await.unwrap();
        assert_eq!((done.look.rows, done.look.new, done.look.refused, done.counted), (3, 1, 2, None));
        let reasons = ["cost_usd: \"Included\" is not an amount in dollars", "cost_usd: \"-\" is not an amount in dollars"];
        assert_eq!(done.look.told, [(2, reasons[0].to_owned()), (4, reasons[1].to_owned())]);
        assert!(done.look.advice().unwrap().contains("2 of 3 rows"));
        assert_eq!(place.total().await, Amounts::default(), "all or nothing");
        let wishes = Wishes { skip_refused: true, ..Wishes::default() };
        let done = place.import(&app, &shipped("cursor.csv"), &columns, &wishes).await.unwrap();
        assert_eq!(done.counted, Some(1));
        assert_eq!((place.total().await.calls, place.total().await.cost), (1, Money::micro(40_000)));

        let folder = tempfile::tempdir().unwrap();
        let text = "time,model,prompt_tokens,cost_usd,space,status,latency\n\
                    2025-11-24T09:00:00Z,a/b,10,0.5,,200,820.4\n\
                    yesterday,a/b,10,0.5,,,\n\
                    2025-11-24T09:00:00Z,,10,0.5,,,\n\
                    2025-11-24T09:00:00Z,a/b,12.5,0.5,,,\n\
                    2025-11-24T09:00:00Z,a/b,10,0.5.5,,,\n\
                    2025-11-24T09:00:00Z,a/b,10,-0.5,,,\n\
                    2025-11-24T09:00:00Z,a/b,10,0.5,space_0190a1b2c3d4e5f60718293a4b5c6d7e,,\n\
                    2025-11-24T09:00:00Z,a/b,10,0.5,,42,\n\
                    2025-11-24T09:00:00Z,a/b,10,0.5,,,,too many\n\
                    1999-11-24T09:00:00Z,a/b,10,0.5,,,\n\
                    2025-11-24T09:00:00Z,a/b,1e30,0.5,,,\n";
        let file = written(&folder, "wrong.csv", text);
        let columns =
            ["time=time", "prompt_tokens=prompt_tokens", "cost_usd=cost_usd", "space=space", "status=status", "latency=latency"];
        let done = place.import(&app, &file, &columns, &Wishes::default()).await.unwrap();
        let lines: Vec<u64> = done.look.told.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, (3..=12).collect::<Vec<u64>>(), "{}", done.look);
        for (place, named) in [
            "time: \"yesterday\"",
            "model: is empty",
            "prompt_tokens: \"12.5\"",
            "cost_usd: \"0.5.5\"",
            "cost_usd: \"-0.5\"",
            "space: \"space_",
            "status: 42",
            "8 cells",
            "time: 1999",
            "prompt_tokens: \"1e30\"",
        ]
        .into_iter()
        .enumerate()
        {
            assert!(done.look.told[place].1.contains(named), "{named}: {}", done.look.told[place].1);
        }
        assert_eq!(place.total().await.calls, 1);
    }
}

#[tokio::test]
async fn what_two_countries_read_differently_is_asked_for() {
    for app in on_each_database(&[]).await.into_iter().take(1) {
        let place = Place::new(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let columns = ["time=time", "cost_usd=cost"];
        let file = written(&folder, "dates.csv", "time,model,cost\n03/04/2025 09:15,a/b,0.5\n04/04/2025 09:15,a/b,0.5\n");
        let done = place.import(&app, &file, &columns, &Wishes::default()).await.unwrap();
        assert_eq!((done.counted, done.look.rows), (None, 0), "nothing is guessed");
        assert!(done.look.advice().unwrap().contains("--dates dmy or --dates mdy"), "{}", done.look);
        for (order, day) in [(DateOrder::DayFirst, "2025-04-03T09:15"), (DateOrder::MonthFirst, "2025-03-04T09:15")] {
            let wishes = Wishes { dates: Some(order), dry_run: true, ..Wishes::default() };
            let look = place.import(&app, &file, &columns, &wishes).await.unwrap().look;
            assert!(pulze_console_server::iso_time(look.period.unwrap().0).starts_with(day), "{look}");
        }
        // One date that fits one order only decides for all.
        let file = written(&folder, "dates.csv", "time,model,cost\n03/04/2025 09:15,a/b,0.5\n24/04/2025 09:15,a/b,0.5\n");
        let look = place.import(&app, &file, &columns, &Wishes { dry_run: true, ..Wishes::default() }).await.unwrap().look;
        assert_eq!(look.order, Some(DateOrder::DayFirst));

        let file = written(&folder, "numbers.csv", "time;model;cost\n2025-11-24 09:15;a/b;1.234\n2025-11-24 09:16;a/b;12\n");
        let done = place.import(&app, &file, &columns, &Wishes::default()).await.unwrap();
        assert!(done.look.advice().unwrap().contains("--decimal point or --decimal comma"), "{}", done.look);
        let mut costs = Vec::new();
        for decimal in [DecimalSign::Point, DecimalSign::Comma] {
            let wishes = Wishes { decimal: Some(decimal), dry_run: true, ..Wishes::default() };
            costs.push(place.import(&app, &file, &columns, &wishes).await.unwrap().look.reported);
        }
        assert_eq!(costs[0] * 1_246_000, costs[1] * 13_234);
        assert_eq!(place.total().await, Amounts::default());
        // A clock without a zone is one of the zone that is named.
        let file = written(&folder, "zone.csv", "time,model\n2025-11-24 10:15,a/b\n");
        let wishes = Wishes { zone: Some("Europe/Zurich".to_owned()), dry_run: true, ..Wishes::default() };
        let look = place.import(&app, &file, &["time=time"], &wishes).await.unwrap().look;
        assert_eq!(
            look.period.map(|(first, _)| pulze_console_server::iso_time(first)),
            Some("2025-11-24T09:15:00.000Z".to_owned())
        );
    }
}

#[tokio::test]
async fn a_file_that_grows_or_breaks_off_counts_each_row_once() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let columns = ["time=time", "prompt_tokens=tokens"];
        let row = |number: usize| format!("2025-11-{:02}T09:15:00Z,a/b,{}\n", 1 + number / 1000, number % 7);
        let text = |rows: std::ops::Range<usize>| format!("time,model,tokens\n{}", rows.map(row).collect::<String>());
        let day_one = written(&folder, "calls.csv", &text(0..6_000));
        let done = place.import(&app, &day_one, &columns, &Wishes::default()).await.unwrap();
        assert_eq!((done.look.new, done.counted), (6_000, Some(6_000)), "equal rows are calls of their own");
        // A day later the same rows come again, with more below, in another form.
        let grown = text(0..6_500).replace(',', ";").replace("\n", "\r\n");
        let day_two = written(&folder, "calls.csv", &grown);
        let done = place.import(&app, &day_two, &columns, &Wishes::default()).await.unwrap();
        assert_eq!((done.look.known, done.look.new, done.counted), (6_000, 500, Some(500)));
        // Also when the single calls were forgotten long since.
        let mut change = app.store.change(&place.id).await.unwrap();
        pulze_console_server::store::usage::forget_calls(&mut change, i64::MAX, 100_000).await.unwrap();
        change.commit().await.unwrap();
        let done = place.import(&app, &day_two, &columns, &Wishes::default()).await.unwrap();
        assert_eq!((done.look.known, done.look.new, done.counted), (6_500, 0, None));
        assert_eq!(place.total().await.calls, 6_500);

        // Where the file has identifiers, they are the calls'.
        let file = written(
            &folder,
            "ids.csv",
            "id,time,model,tokens\nx1,2025-11-24T09:15:00Z,a/b,1\nx1,2025-11-24T09:15:00Z,a/b,2\nx2,2025-11-24T09:15:00Z,a/b,1\n",
        );
        let columns = ["id=id", "time=time", "prompt_tokens=tokens"];
        let done = place.import(&app, &file, &columns, &Wishes::default()).await.unwrap();
        assert_eq!((done.look.new, done.look.repeated, done.counted), (2, 1, Some(2)));
    }
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_and_its_end_says_what_became_of_it() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let rows: String = (0..24_000).map(|row| format!("2025-11-24T09:15:00Z,a/b,{row}\n")).collect();
        let file = written(&folder, "many.csv", &format!("time,model,tokens\n{rows}"));
        let command = |more: &[&str], file: &Path| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_pulze-console-server"));
            command.args(["import-usage", "--database", &app.config.database, "--organization", place.id.as_str()]);
            command.args(["--map", "time=time", "--map", "model=model", "--map", "prompt_tokens=tokens"]).args(more).arg(file);
            command
        };
        let mut killed =
            command(&[], &file).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        // Until something is written, but not everything.
        for _ in 0..3_000 {
            if place.total().await.calls > 0 || killed.try_wait().unwrap().is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        killed.kill().unwrap();
        killed.wait().unwrap();
        let done = command(&[], &file).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(place.total().await.calls, 24_000);
        let again = command(&[], &file).output().unwrap();
        assert!(again.status.success() && String::from_utf8_lossy(&again.stdout).contains("24000 known"));
        assert_eq!(place.total().await.calls, 24_000);

        // Refused rows are an end of its own, for a look as well.
        let wrong = written(&folder, "wrong.csv", "time,model,tokens\n2025-11-24T09:15:00Z,a/c,1\nyesterday,a/c,1\n");
        for more in [&["--dry-run"][..], &[], &["--skip-refused"]] {
            let done = command(more, &wrong).output().unwrap();
            let (out, error) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            assert_eq!(done.status.code(), Some(1), "{out}{error}");
            assert!(out.contains("line 3: time: \"yesterday\"") && error.contains("refused"), "{out}{error}");
        }
        assert_eq!(place.total().await.calls, 24_001, "only what was asked for");
    }
}
