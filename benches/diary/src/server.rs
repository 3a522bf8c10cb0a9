//! The real server in a process of its own.

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::clock::pause;
use crate::{Fault, Place};

/// A server that runs; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Where it answers.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it on the state's database and waits until it answers.
    pub fn start(place: &Place) -> Result<Self, Fault> {
        let http = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let media = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
        let settings = place.folder.join("settings.toml");
        let data = std::fs::canonicalize(&place.folder)?;
        let text = format!(
            "public_url = \"http://{http}\"\ndatabase = \"{}\"\ndata = \"{}\"\nhttp = \"{http}\"\n[media]\nbind = \"{media}\"\n",
            place.address(),
            data.display()
        );
        std::fs::write(&settings, text)?;
        let log = std::fs::File::create(place.folder.join("server.log"))?;
        let child = Command::new(&place.server)
            .args([Path::new("serve"), Path::new("--config"), &settings])
            .stdout(Stdio::null())
            .stderr(Stdio::from(log))
            .spawn()?;
        let mut server = Self { child, address: http };
        for _ in 0..1_000 {
            if TcpStream::connect(http).is_ok() {
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended: {status}").into());
            }
            pause(Duration::from_millis(20));
        }
        Err("the server does not answer".into())
    }

    /// Ends it without a word, as a power cut does to a process.
    pub fn kill(&mut self) -> Result<(), Fault> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// What it holds in memory, MiB.
    pub fn memory_mib(&self) -> Result<u64, Fault> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no such line")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
