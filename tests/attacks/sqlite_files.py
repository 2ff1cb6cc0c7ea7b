# Attaches databases outside the sandbox and loads extensions. Ends: held
import sqlite3

base = sqlite3.connect(":memory:")
for statement in ["attach '/data/../canary' as c", "attach '/etc/passwd' as c", "attach 'file:/data/../canary?immutable=1' as c", "select load_extension('/data/evil')", "select readfile('/data/../canary')", "vacuum into '/data/../stolen'", "vacuum into '/ro/stolen'"]:
    try:
        base.execute(statement).fetchall()
        print("escaped:", statement)
    except sqlite3.Error:
        pass
sqlite3.connect("/data/own.db").execute("create table t (x)")
print("held")
