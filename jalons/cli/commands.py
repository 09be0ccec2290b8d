"""The commands that a person types, in the order of the data."""

import typer

from jalons.cli import safety, server

app = typer.Typer(help="Jalons : chaque chiffre se remonte jusqu’à ce qui s’est passé.", no_args_is_help=True)
app.command("demo")(server.demo)
app.command("run")(server.run)
app.command("migrate")(server.migrate)
app.command("backup")(safety.backup)
app.command("restore")(safety.restore)
