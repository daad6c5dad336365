"""Where the broker keeps its account: a database, SQLite in a file or PostgreSQL.

* `schema.py`: which tables are there? `rows.py`: how do records become rows, and back?
* `store.py`: what is stored in one transaction, and what can be read?
* `databases.py`: how is a database opened, locked and checked, and what do its errors mean?
* `migrations/`: how does a database of an earlier version become one of this version?
"""
