//! The plugin's bundles.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};

use crate::run;

const PACKAGE: &str = "mixtrace-plugin";

/// What a bundle's name ends in.
const FORMATS: [&str; 2] = ["clap", "vst3"];

/// Builds with cargo's `options` and puts both bundles into `bundles/`.
pub fn for_users(mut options: Vec<String>) -> Result<()> {
    if !options
        .iter()
        .any(|option| option == "--release" || option == "-r" || option.starts_with("--profile"))
    {
        options.push("--release".into());
    }
    for option in &mut options {
        if option == "-r" {
            *option = "--release".into();
        }
    }
    let bundles = enter()?;
    nice_plug_xtask::build(&[PACKAGE.into()], &options)?;
    // Cargo calls the dev profile's folder by another name.
    let folders = options.iter().map(|option| match option.as_str() {
        "dev" => "debug".into(),
        "--profile=dev" => "--profile=debug".into(),
        _ => option.clone(),
    });
    let made = make(&folders.collect::<Vec<_>>())?;
    for format in FORMATS {
        let name = format!("Mixtrace.{format}");
        let to = bundles.join(&name);
        remove(&to)?;
        copy(&made.join(&name), &to).with_context(|| format!("{} cannot be written", to.display()))?;
        println!("{}", to.display());
    }
    Ok(())
}

/// Bundles the build that the tests are run with; returns the folder that holds the bundles.
pub fn for_tests() -> Result<PathBuf> {
    // The same command as the tests', so that nothing is built twice with other features.
    run::cargo(&["test", "--workspace", "--no-run", "--quiet"])?;
    enter()?;
    // Tests leave the library in this folder; to the bundler it is the name of a profile.
    make(&["--profile=debug/deps".into()])
}

/// Makes both bundles below the target folder and returns their folder.
fn make(options: &[String]) -> Result<PathBuf> {
    let target = run::target()?;
    nice_plug_xtask::bundle(&target, PACKAGE, options, false)?;
    Ok(target.join("bundled"))
}

/// Goes to `bundles/`, where the bundler looks for `bundler.toml`.
fn enter() -> Result<PathBuf> {
    let bundles = run::root().join("bundles");
    env::set_current_dir(&bundles).with_context(|| format!("{} is missing", bundles.display()))?;
    Ok(bundles)
}

fn remove(path: &Path) -> Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)?;
    } else if path.exists() {
        fs::remove_file(path)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to)?;
    }
    Ok(())
}
