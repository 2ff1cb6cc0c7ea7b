# sqlite3: in memory and in /tmp; types, transactions, functions, full text search, window functions, errors.
import sqlite3
db = sqlite3.connect(":memory:")
db.executescript("create table t (id integer primary key, name text unique, price real, data blob); create index i on t (price);")
db.executemany("insert into t (name, price, data) values (?, ?, ?)", [("apple", 1.5, b"\x00\xff"), ("größe", 2.25, None), ("🐍", 1e10, b"")])
db.commit()
print(db.execute("select * from t order by price").fetchall(), db.total_changes)
try:
    with db:
        db.execute("update t set price = 0")
        db.execute("insert into t (name) values ('apple')")
except sqlite3.IntegrityError as error:
    print(error, db.execute("select sum(price) > 0 from t").fetchone())
db.row_factory = sqlite3.Row
row = db.execute("select name, length(name) as n from t where id = :id", {"id": 2}).fetchone()
print(row.keys(), row["n"], tuple(row))
db.create_function("double", 1, lambda x: x * 2, deterministic=True)
class Product:
    def __init__(self):
        self.value = 1
    def step(self, x):
        self.value *= x
    def finalize(self):
        return self.value
db.create_aggregate("product", 1, Product)
print(tuple(db.execute("select double(21), product(id) from t").fetchone()))
print([tuple(r) for r in db.execute("with recursive f(a, b) as (values (0, 1) union all select b, a + b from f limit 10) select a from f")])
print([tuple(r) for r in db.execute("select id, sum(id) over (order by id), json_extract('{\"a\":[1,2]}', '$.a[1]'), sqrt(16) from t")])
db.execute("create virtual table docs using fts5(body)")
db.executemany("insert into docs values (?)", [("the quick brown fox",), ("lazy dogs sleep",)])
print([tuple(r) for r in db.execute("select rowid, highlight(docs, 0, '[', ']') from docs where docs match 'fox OR dog*'")])
for bad in ["select * from none", "selec 1", "select * from t where"]:
    try:
        db.execute(bad)
    except sqlite3.OperationalError as error:
        print(error)
with sqlite3.connect("/tmp/test.db") as file:
    file.execute("create table n (v)")
    file.executemany("insert into n values (?)", ((i,) for i in range(10000)))
file.close()
again = sqlite3.connect("/tmp/test.db")
print(again.execute("select count(*), sum(v) from n").fetchone(), again.execute("pragma integrity_check").fetchone())
# threadsafety: built for a single thread, because there is only one.
backup = sqlite3.connect(":memory:")
again.backup(backup)
print(backup.execute("select max(v) from n").fetchone(), "\n".join(list(backup.iterdump())[:2]), sqlite3.threadsafety)
