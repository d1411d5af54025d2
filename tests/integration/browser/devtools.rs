//! A headless Chromium, driven through the DevTools protocol over two named pipes: no port, no crate.
//!
//! `--remote-debugging-pipe` takes commands on file descriptor 3 and answers on 4, JSON objects with a NUL byte between.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longest wait for anything: a machine under load is slow, and a test that waits for nothing still ends.
const PATIENCE: Duration = Duration::from_secs(90);

/// The first browser on the path, or none.
pub fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&path).find_map(|folder| {
        let all = names.iter().map(|name| folder.join(name));
        all.into_iter().find(|p| p.is_file())
    });
    found.filter(|_| cfg!(unix))
}

/// A browser with one page.
pub struct Browser {
    child: Child,
    to: File,
    from: Receiver<Value>,
    /// What was told and not asked for yet.
    told: VecDeque<Value>,
    next: u64,
    session: Option<String>,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Starts one; none if it does not start, which a sandbox may forbid.
    pub fn start(program: &Path) -> Option<Self> {
        let profile = tempfile::tempdir().unwrap();
        let [to, from] = ["to", "from"].map(|name| profile.path().join(name));
        let made = Command::new("mkfifo").args([&to, &from]).status().ok()?;
        assert!(made.success(), "mkfifo");
        // The shell opens the pipes in this order, and so does this program: neither waits for ever.
        let mut child = Command::new("sh")
            .args([
                "-c",
                r#"to=$1; from=$2; shift 2; exec "$@" 3<"$to" 4>"$from""#,
                "sh",
            ])
            .args([&to, &from, &program.to_owned()])
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--remote-debugging-pipe",
                "about:blank",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (tell, from_thread) = channel();
        let (opened, waits) = channel();
        std::thread::spawn(move || {
            let writer = OpenOptions::new().write(true).open(&to);
            let reader = File::open(&from);
            let (Ok(writer), Ok(reader)) = (writer, reader) else {
                return;
            };
            let _ = opened.send(writer);
            for message in BufReader::new(reader).split(0) {
                let value = message.ok().and_then(|m| serde_json::from_slice(&m).ok());
                let Some(value) = value else { return };
                if tell.send(value).is_err() {
                    return;
                }
            }
        });
        let Ok(to) = waits.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        };
        let mut browser = Self {
            child,
            to,
            from: from_thread,
            told: VecDeque::new(),
            next: 0,
            session: None,
            _profile: profile,
        };
        browser.try_call("Browser.getVersion", json!({}))?;
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let id = &target["targetId"];
        let session = browser.call(
            "Target.attachToTarget",
            json!({ "targetId": id, "flatten": true }),
        );
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log", "Audits"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// A command and its answer.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params)
            .unwrap_or_else(|| panic!("the browser does not answer {method}"))
    }

    fn try_call(&mut self, method: &str, params: Value) -> Option<Value> {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).ok()?;
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = self.from.recv_timeout(left).ok()?;
            if message["id"] == json!(id) {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return Some(message["result"].clone());
            }
            self.told.push_back(message);
        }
    }

    /// All events so far.
    pub fn events(&mut self) -> Vec<Value> {
        // What was on its way arrives before the answer to this.
        self.call("Runtime.evaluate", json!({ "expression": "0" }));
        self.told.drain(..).collect()
    }

    /// The value of an expression; a promise is waited for.
    pub fn value(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", asked);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].clone()
    }

    /// A string.
    pub fn text(&mut self, expression: &str) -> String {
        self.value(expression)
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until an expression holds.
    pub fn until(&mut self, expression: &str) {
        let start = Instant::now();
        while self.value(&format!("Boolean({expression})")) != json!(true) {
            assert!(start.elapsed() < PATIENCE, "never came true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Opens a file, at a place in it.
    pub fn open(&mut self, file: &Path, hash: &str) {
        let url = format!("file://{}{hash}", file.display());
        // A page that differs in its hash alone would not be loaded anew.
        self.call("Page.navigate", json!({ "url": "about:blank" }));
        self.until("location.href === 'about:blank'");
        self.call("Page.navigate", json!({ "url": url }));
        self.until("location.protocol === 'file:' && document.readyState === 'complete'");
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            "ArrowRight" => (39, ""),
            "/" => (191, "/"),
            _ => panic!("which code has {key}?"),
        };
        let mut down =
            json!({ "type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code });
        if !text.is_empty() {
            down["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", down);
        let up = json!({ "type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code });
        self.call("Input.dispatchKeyEvent", up);
    }

    /// Types text.
    pub fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Presses Tab until an element is reached that the expression accepts as `e`.
    pub fn tab_to(&mut self, accepts: &str) {
        for _ in 0..400 {
            let test = format!("((e) => Boolean({accepts}))(document.activeElement)");
            if self.value(&test) == json!(true) {
                return;
            }
            self.press("Tab");
        }
        panic!("no Tab leads to {accepts}");
    }

    /// The size of the window, and whether it likes it dark.
    pub fn look(&mut self, width: u32, height: u32, dark: bool) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 }),
        );
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
    }

    /// Keeps what is seen, for people to look at: `target/screenshots/NAME.png`.
    pub fn keep(&mut self, name: &str) {
        let shot = self.call(
            "Page.captureScreenshot",
            json!({ "format": "png", "captureBeyondViewport": false }),
        );
        save(&format!("{name}.png"), &shot);
    }

    /// Keeps the page as it is printed.
    pub fn print(&mut self, name: &str) {
        let printed = self.call("Page.printToPDF", json!({ "printBackground": false }));
        save(&format!("{name}.pdf"), &printed);
    }
}

fn save(name: &str, answer: &Value) {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(answer["data"].as_str().unwrap())
        .unwrap();
    assert!(bytes.len() > 1_000, "{name} is empty");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}
