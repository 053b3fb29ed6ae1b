"""Ask whether a database server answers, and make and drop databases on it.

Usage: databases.py answers|create|drop URL
"""

from __future__ import annotations

import sys
from typing import Any

import dj_database_url
import psycopg
import pymysql


def connect(settings: Any) -> Any:
    """Return a connection to the server, in autocommit mode, to no database of ours."""
    host, port = settings["HOST"], settings["PORT"]
    user, password = settings["USER"], settings["PASSWORD"]
    if settings["ENGINE"].endswith("postgresql"):
        return psycopg.connect(
            host=host,
            port=port or 5432,
            user=user,
            password=password,
            dbname="postgres",
            connect_timeout=3,
            autocommit=True,
        )
    return pymysql.connect(
        host=host,
        port=port or 3306,
        user=user,
        password=password,
        connect_timeout=3,
        autocommit=True,
    )


def main(action: str, url: str) -> int:
    """Carry out one action; the exit code tells whether it worked."""
    settings = dj_database_url.parse(url)
    try:
        connection = connect(settings)
    except (psycopg.Error, pymysql.Error, OSError) as error:
        print(f"{settings['HOST']}: {error}")
        return 1
    name = settings["NAME"]
    cursor = connection.cursor()
    if action == "create":
        charset = "" if settings["ENGINE"].endswith("postgresql") else " CHARACTER SET utf8mb4"
        cursor.execute(f"CREATE DATABASE {name}{charset}")
    elif action == "drop":
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"DROP DATABASE IF EXISTS test_{name}")
    connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
