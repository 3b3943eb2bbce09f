//! Scratch.
use activity::*;
use std::time::*;
fn main() {
    let e = engine::Engine::new(engine::EngineSettings::default()).unwrap();
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let t = Instant::now();
    let limits = Limits { memory: 16 << 20, resources: 100, ..Default::default() };
    let l = e.load(&engine::Source::new("x", &bytes), limits.clone(), Grants::default()).unwrap();
    println!("loaded in {:?}: {:?}", t.elapsed(), l);
    let t = Instant::now();
    let l = e.load(&engine::Source::new("x", &bytes), limits, Grants::default()).unwrap();
    println!("again in {:?}", t.elapsed());
    if std::env::var("KILL").is_ok() {
        let mk = |name: &str, ms: u64| { let now = SystemTime::now(); Task { component: l.id.clone(), input: vec![], kill_after: Some(Duration::from_millis(ms)), worker_shutdown: false, info: Info {
            activity_id: "1".into(), activity_run_id: None, activity_type: name.into(), attempt: 1, namespace: "default".into(), task_queue: "q".into(),
            task_token: vec![1,2].into(), workflow: None, is_local: false, scheduled_time: now, current_attempt_scheduled_time: now, started_time: now,
            schedule_to_close_timeout: None, start_to_close_timeout: None, heartbeat_timeout: None, deadline: None, heartbeat_details: vec![], retry_policy: None, priority: Default::default(), headers: vec![] } } };
        rt.block_on(async {
            let end = |mut a: Attempt| async move { loop { if let Event::Ended(e) = a.next().await { return *e } } };
            let stat = |name: &str, mut v: Vec<Duration>| { v.sort(); println!("{name}: p50 {:?} p90 {:?} p99 {:?} max {:?}", v[v.len()/2], v[v.len()*9/10], v[v.len()*99/100], v[v.len()-1]); };
            for hogs in [0usize, 4, 8] {
                println!("== {hogs} hogs");
                let spinning: Vec<_> = (0..hogs).map(|_| e.start(mk("spin", 600_000))).collect();
                tokio::time::sleep(Duration::from_millis(300)).await;
                let mut v = vec![];
                for _ in 0..300 { let mut t = mk("good", 60_000); t.input = vec![Payload::json("\"x\"")]; let s = Instant::now(); end(e.start(t)).await; v.push(s.elapsed()); tokio::time::sleep(Duration::from_millis(2)).await; }
                stat("bystander", v);
                for (name, by_command) in [("spin", false), ("spin", true)] {
                    let mut v = vec![];
                    for _ in 0..100 {
                        let began = Instant::now();
                        let a = e.start(mk(name, if by_command { 60_000 } else { 50 }));
                        let due = if by_command { tokio::time::sleep(Duration::from_millis(50)).await; a.send(Command::Kill(KillReason::Cancelled)); Instant::now() } else { began + Duration::from_millis(50) };
                        end(a).await; v.push(due.elapsed());
                    }
                    stat(&format!("{name} by_command={by_command}"), v);
                }
                drop(spinning);
            }
        });
        return;
    }
    while let Some(name) = args.next() {
        let input = args.next().into_iter().filter(|a| a != "-").map(Payload::json).collect();
        let now = SystemTime::now();
        let task = Task { component: l.id.clone(), input, kill_after: Some(Duration::from_secs(10)), worker_shutdown: false, info: Info {
            activity_id: "1".into(), activity_run_id: None, activity_type: name.clone(), attempt: 1, namespace: "default".into(), task_queue: "q".into(),
            task_token: vec![1,2].into(), workflow: None, is_local: false, scheduled_time: now, current_attempt_scheduled_time: now, started_time: now,
            schedule_to_close_timeout: None, start_to_close_timeout: None, heartbeat_timeout: None, deadline: None, heartbeat_details: vec![], retry_policy: None, priority: Default::default(), headers: vec![] } };
        println!("--- {name}");
        if std::env::var("BENCH").is_ok() {
            rt.block_on(async {
                let mut v = vec![]; 
                for _ in 0..20000 { let u = e.run_inline(task.clone()).await; v.push(u.usage); }
                let mut w: Vec<_> = v.iter().map(|u| u.wall).collect(); w.sort();
                let mut c: Vec<_> = v.iter().map(|u| u.cpu).collect(); c.sort();
                let mut st: Vec<_> = v.iter().map(|u| u.sandbox_start).collect(); st.sort();
                println!("inline wall p50 {:?} p99 {:?}; cpu p50 {:?}; start p50 {:?}", w[10000], w[19800], c[10000], st[10000]);
                let t = Instant::now();
                for _ in 0..20000 { let mut a = e.start(task.clone()); while !matches!(a.next().await, Event::Ended(_)) {} }
                println!("start {:?} each", t.elapsed() / 20000);
                let t = Instant::now();
                for _ in 0..400 { let mut v: Vec<_> = (0..50).map(|_| e.start(task.clone())).collect(); for a in &mut v { while !matches!(a.next().await, Event::Ended(_)) {} } }
                println!("start 50 at once {:?} each", t.elapsed() / 20000);
            });
            continue;
        }
        rt.block_on(async {
            let mut a = e.start(task);
            let mut n = 0;
            loop { match a.next().await {
                Event::Ended(end) => { println!("{} events; {end:#?}", n); break }
                ev => { n += 1; if n < 4 { println!("{}", format!("{ev:?}").chars().take(300).collect::<String>()) } } } }
        });
    }
}
