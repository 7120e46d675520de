"""One distribution, three CKAN plugins: each lives in its own top-level folder and joins the ``ckanext`` namespace."""

from setuptools import find_packages, setup

PLUGINS = ("cqgov", "sharing", "review")
ROOTS = {name: f"ckanext-{name}/ckanext" for name in PLUGINS}  # no __init__.py in these folders
DATA = [
    "*.yaml",
    "*.md",
    "data/**/*",
    "rules/**/*",
    "demo/**/*",
    "templates/**/*",
    "assets/**/*",
    "public/**/*",
    "i18n/**/*.po",
    "i18n/**/*.mo",
    "i18n/**/*.pot",
    "migration/**/*.ini",
    "migration/**/*.mako",
    "migration/**/*.py",
    "domain/*.md",
]

setup(
    packages=[f"ckanext.{package}" for root in ROOTS.values() for package in find_packages(root)],
    package_dir={f"ckanext.{name}": f"{root}/{name}" for name, root in ROOTS.items()},
    package_data={f"ckanext.{name}": DATA for name in PLUGINS},
    entry_points={"ckan.plugins": [f"{name} = ckanext.{name}.plugin:{name.capitalize()}Plugin" for name in PLUGINS]},
)
