//! What a process uses, as the kernel counts it, and the core it may run on. The same yardstick for every server.
//!
//! Never looks at a process that was not started here, but at itself.

use std::fs;
use std::io;
use std::process::Command;

use rustix::thread::{CpuSet, sched_setaffinity};

/// Processor time of a process since it began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    /// Nanoseconds on a core, of all threads that live.
    pub total_ns: u64,
    /// Clock ticks in user code: the kernel samples these, so only their share counts.
    pub user_ticks: u64,
    /// Clock ticks in the kernel.
    pub kernel_ticks: u64,
}

impl Cpu {
    /// What was used since `before`: nanoseconds in user code, and nanoseconds in the kernel.
    pub fn since(self, before: Cpu) -> (f64, f64) {
        let total = self.total_ns.saturating_sub(before.total_ns) as f64;
        let user = self.user_ticks.saturating_sub(before.user_ticks) as f64;
        let kernel = self.kernel_ticks.saturating_sub(before.kernel_ticks) as f64;
        let share = if user + kernel > 0.0 { user / (user + kernel) } else { 0.5 };
        (total * share, total * (1.0 - share))
    }
}

/// The processor time of a process.
///
/// # Errors
/// There is no such process.
pub fn cpu_of(pid: u32) -> io::Result<Cpu> {
    let mut cpu = Cpu::default();
    for task in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        // A thread may end while we look.
        let line = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        cpu.total_ns += line.split(' ').next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
    }
    let line = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name stands in brackets and may hold spaces; user and kernel time are the 14th and 15th words of all.
    let mut words = line.rsplit(") ").next().unwrap_or_default().split(' ').skip(11);
    let mut ticks = || words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    (cpu.user_ticks, cpu.kernel_ticks) = (ticks(), ticks());
    Ok(cpu)
}

/// Bytes of a process in memory.
///
/// # Errors
/// There is no such process.
pub fn resident_bytes(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    Ok(kilobytes.unwrap_or(0) * 1024)
}

/// How many descriptors a process has open.
///
/// # Errors
/// There is no such process.
pub fn descriptors(pid: u32) -> io::Result<u64> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count() as u64)
}

/// Lets this process, and all threads that it starts later, run on one core only. Says nothing where there is no such
/// core: the figures then show it.
pub fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    let _ = sched_setaffinity(None, &cores);
}

/// Lets this process open a socket for each client.
pub fn raise_file_limit() {
    let pid = std::process::id().to_string();
    // Without the program, or without the right, the old limit holds and shows itself when it is passed.
    let _ = Command::new("prlimit").args(["--pid", &pid, "--nofile=65536:65536"]).output();
}

/// The machine in one line.
pub fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(" : unknown");
    let model = model.split_once(':').map_or("unknown", |(_, name)| name.trim());
    let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?");
    let build = if cfg!(debug_assertions) { "DEBUG BUILD, not to be quoted" } else { "release build" };
    format!("{cores} × {model}, Linux {}, load {load} before, {build}", kernel.trim())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::*;

    #[test]
    fn a_process_that_works_uses_time_and_memory() {
        let pid = std::process::id();
        let before = cpu_of(pid).unwrap();
        // Threads of other tests end meanwhile and take their time with them; ours goes on until it shows.
        let has_worked = (0..1_000_000).any(|_| {
            let (user, kernel) = cpu_of(pid).unwrap().since(before);
            user + kernel >= 1_000_000.0
        });
        assert!(has_worked);
        assert!(resident_bytes(pid).unwrap() > 100_000);
    }
}
