"""Solr: the program from Maven Central, its home with one core for the portal and one for each lane of the tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from stack import services
from stack.places import Places
from stack.progress import Stamps, fingerprint
from stack.trouble import Trouble, ran

CORES = tuple(services.core(lane) for lane in (0, *services.LANES))
OLDEST_JAVA = 11


def java() -> str:
    """Return the Java program: ``JAVA_HOME``'s, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home else "java"


def java_version(text: str) -> int:
    """Return the major version that ``java -version`` tells; 0 when the text does not tell it.

    >>> java_version('openjdk version "17.0.15" 2025-04-15'), java_version('java version "1.8.0_392"')
    (17, 8)
    """
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found[1]) if found else 0


def require_java() -> None:
    """Refuse a missing or too old Java.

    :raises Trouble: says what to install.
    """
    how = "sudo apt-get install default-jre-headless"
    try:
        told = subprocess.run([java(), "-version"], capture_output=True, text=True)
    except OSError as error:
        raise Trouble(
            f"找不到 Java（{java()}）：请运行 {how}，或把 JAVA_HOME 指向 Java {OLDEST_JAVA} 以上。",
            f"Java is missing ({java()}): run {how}, or point JAVA_HOME to Java {OLDEST_JAVA} or later.",
        ) from error
    version = java_version(told.stderr + told.stdout)
    if version < OLDEST_JAVA:
        raise Trouble(
            f"Java {version} 太旧，Solr 需要 {OLDEST_JAVA} 以上：请运行 {how}，或把 JAVA_HOME 指向较新的 Java。",
            f"Java {version} is too old, Solr needs {OLDEST_JAVA} or later: run {how}, or point JAVA_HOME to a newer.",
        )


def program(places: Places) -> None:
    """Resolve Solr and Jetty with Maven and lay them out, unless the pinned versions are there already.

    :raises Trouble: when Java is too old or Maven fails.
    """
    source, target = places.root / "config" / "solr", places.solr / "program"

    def resolve() -> None:
        draft = places.solr / "program.part"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source / "jetty", draft / "base")
        ran(
            ["mvn", "-B", "-ntp", "-f", source / "pom.xml", f"-Dprogram={draft}", "package"],
            places.log / "setup.log",
            "Maven 下载 Solr 失败：请检查网络与 Maven 设置（~/.m2/settings.xml）后重试",
            "Maven could not fetch Solr: check network and Maven settings (~/.m2/settings.xml), then run again",
        )
        draft.rename(target)

    Stamps(places.var / "stamps").once("solr", fingerprint([source / "pom.xml", source / "jetty"]), resolve)


def lay_cores(places: Places) -> bool:
    """Write Solr's home and the cores' configuration; return whether a core's configuration changed."""
    source, data, changed = places.root / "config" / "solr", places.solr / "data", False
    data.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "solr.xml", data / "solr.xml")
    for core in CORES:
        home = home_of(data, core)
        conf = home / "conf"
        if not conf.exists() or fingerprint([conf]) != fingerprint([source / "core"]):
            changed = True
            shutil.rmtree(conf, ignore_errors=True)
            shutil.copytree(source / "core", conf)
        if not (home / "core.properties").exists():
            (home / "core.properties").write_text(f"name={core}\n")
    return changed


def home_of(data: Path, core: str) -> Path:
    """Return the folder a core lies in: a rebuild of the index may have swapped it into another than that of its name."""
    for properties in sorted(data.glob("*/core.properties")):
        if f"name={core}" in properties.read_text("utf-8").split():
            return properties.parent
    return data / core


def command(places: Places, port: int) -> list[str]:
    """Return the command line that runs Solr on a port of the loopback interface."""
    target = places.solr / "program"
    home = next((target / "home").glob("jetty-home-*"))
    options = {
        "solr.solr.home": places.solr / "data",
        "solr.log.dir": places.log,
        "solr.install.dir": target / "base",
        "log4j2.configurationFile": places.root / "config" / "solr" / "log4j2.xml",
        "jetty.http.host": "127.0.0.1",
        "jetty.http.port": port,
    }
    return [java(), "-Xms256m", "-Xmx1g", *(f"-D{k}={v}" for k, v in options.items()), "-jar", str(home / "start.jar")]


def schema_name(core: str) -> str | None:
    """Return the name of a core's schema, or ``None`` while the core does not answer.

    :param core: the core's address.
    """
    try:
        with urllib.request.urlopen(f"{core}/schema/name?wt=json", timeout=5) as answer:
            return json.load(answer)["name"]
    except (OSError, ValueError, KeyError):
        return None


def require_fields(core: str) -> None:
    """Refuse a Solr core of somebody else's that lacks our fields.

    :param core: the core's address.
    :raises Trouble: says which configuration the core needs.
    """
    try:
        with urllib.request.urlopen(f"{core}/schema/fields/title_zh?wt=json", timeout=10):
            return
    except (OSError, urllib.error.HTTPError) as error:
        raise Trouble(
            f"Solr 核心 {core} 不可用或缺少本系统的字段（{error}）：请用 config/solr/core 建立该核心。",
            f"The Solr core {core} does not answer or lacks our fields ({error}): create it from config/solr/core.",
        ) from error


def load(places: Places, port: int) -> None:
    """Make a running Solr read the cores' configuration again, and open a core that it does not have yet."""
    cores, data = f"http://127.0.0.1:{port}/solr/admin/cores", places.solr / "data"
    for core in CORES:
        asked = {"action": "RELOAD", "core": core}
        if schema_name(f"http://127.0.0.1:{port}/solr/{core}") is None:
            home = home_of(data, core)
            (home / "core.properties").unlink(
                missing_ok=True
            )  # Solr writes it, and takes one that is there for another core
            asked = {"action": "CREATE", "name": core, "instanceDir": str(home)}
        urllib.request.urlopen(f"{cores}?{urllib.parse.urlencode(asked)}", timeout=60).close()
