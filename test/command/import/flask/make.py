"""Makes the fixtures of this folder with Flask-Track-Usage itself.

    make.py FOLDER      (in an environment with Flask-Track-Usage 1.1.1 or 2.0.0)

Needs Python 3.11 with Flask==1.1.4 Werkzeug==1.0.1 Jinja2<3 markupsafe==2.0.1 itsdangerous<2 six
pymongo==3.13.0 redis==2.10.6 SQLAlchemy==1.4.54 mongoengine==0.29.1 CouchDB==1.2 psycopg2-binary
PyMySQL, and the servers whose addresses TRACK_USAGE_TEST_{POSTGRES,MYSQL,REDIS,MONGODB,COUCHDB}_URL
give. Version 1.1.1 has print statements: `python3.11 -m lib2to3 -w -f print -f xrange` on its folder
`storage` first. Each file holds what a storage of the original has stored, as it lies there.
"""
import base64
import datetime as dt
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlparse

import flask_track_usage
from flask import Blueprint, Flask, g
from flask_track_usage import TrackUsage

folder = sys.argv[1]
version = flask_track_usage.__version__
major = version.split('.')[0]  # 1.1.1 calls itself 1.1.0


class Clock(dt.datetime):
    """The clock of the original: one request a time, of a known length."""
    now_ = None

    @classmethod
    def utcnow(cls):
        return cls.now_


class FakeDatetimeModule:
    datetime = Clock


flask_track_usage.datetime = FakeDatetimeModule


class Geography(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({'ip': self.path[1:], 'country_code': 'CH', 'region_name': 'Z\u00fcrich',
                           'city': 'Winterthur', 'latitude': 47.5, 'longitude': 8.7}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


geography = HTTPServer(('127.0.0.1', 0), Geography)
threading.Thread(target=geography.serve_forever, daemon=True).start()

CHROME = ('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) '
          'Chrome/126.0.6478.61 Safari/537.36')


def basic(user):
    return 'Basic ' + base64.b64encode(('%s:secret' % user).encode()).decode()


# Path, headers, method, seconds that it takes, minutes after the first.
REQUESTS = [
    ('/', {'User-Agent': CHROME, 'Accept-Language': 'de-CH,de;q=0.9'}, 'GET', 0.25, 0),
    ('/cats/7?full=yes&tag=a&tag=b', {'User-Agent': CHROME, 'Accept-Language': 'fr'}, 'GET', 0.5, 1),
    ('/cats/8', {'User-Agent': 'curl/8.5.0', 'X-Forwarded-For': '203.0.113.9, 10.0.0.1'}, 'GET', 0.125, 61),
    ('/cats/8', {'User-Agent': 'curl/8.5.0', 'X-Forwarded-For': '203.0.113.9, 10.0.0.1'}, 'GET', 0.125, 61),
    ('/shop/items/b%C3%BCcher?q=%C3%A9t%C3%A9', {'User-Agent': CHROME, 'Authorization': basic('ada')}, 'POST', 1.5, 62),
    ('/shop/items/xx/of/it\'s "y"', {}, 'GET', 0.001, 24 * 60),
    ('/nowhere', {'User-Agent': 'curl/8.5.0'}, 'GET', 0.002, 40 * 24 * 60),
    ('/cats/7?api_key=s3cr3t', {'User-Agent': CHROME}, 'GET', 0.5, 40 * 24 * 60 + 1),
]
START = dt.datetime(2026, 1, 31, 22, 30, 0, 400000)


def run(storage, geo=True, only=None):
    """Sends the requests to an application that tracks into the storage."""
    app = Flask('shop')
    app.config['TRACK_USAGE_USE_FREEGEOIP'] = geo
    app.config['TRACK_USAGE_FREEGEOIP_ENDPOINT'] = 'http://127.0.0.1:%d/{ip}' % geography.server_port
    app.config['TRACK_USAGE_INCLUDE_OR_EXCLUDE_VIEWS'] = 'exclude'
    shop = Blueprint('shop', __name__)
    seconds = [0]

    def passes():
        Clock.now_ = Clock.now_ + dt.timedelta(seconds=seconds[0])

    @app.route('/')
    def index():
        passes()
        return 'Hello'

    @app.route('/cats/<int:number>')
    def cat(number):
        passes()
        if hasattr(g, 'track_var'):
            g.track_var['plan'] = 'pro'
            g.track_var['tries'] = 3
        return 'cat %d' % number

    @shop.route('/items/<name>', methods=['GET', 'POST'])
    @shop.route('/items/<name>/of/<maker_with_a_name_that_takes_long>')
    def item(name, maker_with_a_name_that_takes_long=None):
        passes()
        if hasattr(g, 'track_var'):
            g.track_var['note'] = 'it\'s "\u00e9t\u00e9"'
            g.track_var['flag'] = True
            g.track_var['none'] = None
        return 'item'

    app.register_blueprint(shop, url_prefix='/shop')

    @app.errorhandler(404)
    def missing(_):
        passes()
        return 'nothing', 404

    tracker = TrackUsage(app, [storage] if major == '2' else storage)
    client = app.test_client()
    for number, (path, headers, method, takes, minutes) in enumerate(REQUESTS):
        if only is not None and number not in only:
            continue
        Clock.now_ = START + dt.timedelta(minutes=minutes) - dt.timedelta(seconds=takes)
        seconds[0] = takes
        client.open(path, method=method, headers=headers, base_url='http://shop.example',
                    environ_base={'REMOTE_ADDR': '192.0.2.%d' % (number + 1), 'HTTP_USER_AGENT': ''})
    return tracker


def write(name, value):
    with open(os.path.join(folder, '%s-v%s.json' % (name, major)), 'w') as file:
        json.dump(value, file, indent=1, ensure_ascii=False, default=str)
        file.write('\n')


def sql(url, dialect):
    import sqlalchemy
    from sqlalchemy.schema import CreateTable
    from flask_track_usage.storage.sql import SQLStorage
    hooks = []
    if major == '2' and dialect == 'postgres':
        from flask_track_usage.summarization import sumLanguage, sumRemote, sumServer, sumUrl, sumUserAgent
        hooks = [sumUrl, sumRemote, sumUserAgent, sumLanguage, sumServer]
    engine = sqlalchemy.create_engine(url)

    def drop():
        old = sqlalchemy.MetaData()
        old.reflect(bind=engine)
        for table in reversed(old.sorted_tables):
            if table.name.startswith('flask_usage'):
                table.drop(engine)

    drop()
    metadata = sqlalchemy.MetaData()
    storage = SQLStorage(engine=engine, metadata=metadata, **({'hooks': hooks} if major == '2' else {}))
    # The original leaves it to the application to make its tables: of 1.1.1 all, of 2.0.0 the sums.
    metadata.create_all(engine)
    run(storage, geo=True)
    tables = []
    metadata = sqlalchemy.MetaData()
    metadata.reflect(bind=engine)
    for table in sorted(metadata.tables.values(), key=lambda each: each.name):
        if not table.name.startswith('flask_usage'):
            continue
        rows = engine.execute(sqlalchemy.select([table]).order_by(*table.primary_key.columns)).fetchall()
        tables.append({'name': table.name, 'ddl': str(CreateTable(table).compile(engine)).strip(),
                       'columns': [column.name for column in table.columns],
                       'rows': [list(row) for row in rows]})
    write(dialect, tables)
    drop()


def mongo():
    import pymongo
    from bson import json_util
    from flask_track_usage.storage.mongo import MongoPiggybackStorage
    url = os.environ['TRACK_USAGE_TEST_MONGODB_URL']
    database = pymongo.MongoClient(url)['flask_track_usage_fixture']
    database.client.drop_database(database.name)
    run(MongoPiggybackStorage(collection=database.usage))
    write('mongo', json.loads(json_util.dumps(list(database.usage.find().sort('_id')))))
    if major == '2':
        import mongoengine
        from flask_track_usage.storage.mongo import MongoEngineStorage
        from flask_track_usage.summarization import sumRemote, sumUrl
        mongoengine.connect(host=url.replace('/test', '/' + database.name))
        # It cannot hold the geography, which is no text.
        run(MongoEngineStorage(website='shop', apache_log=True, hooks=[sumUrl, sumRemote]), geo=False)
        names = [name for name in sorted(database.list_collection_names()) if name != 'usage']
        write('mongoengine', {name: json.loads(json_util.dumps(list(database[name].find().sort('_id'))))
                              for name in names})
    database.client.drop_database(database.name)


def redis():
    from flask_track_usage.storage.redis_db import RedisStorage
    address = urlparse(os.environ['TRACK_USAGE_TEST_REDIS_URL'])
    storage = RedisStorage(host=address.hostname, port=address.port)
    db = storage.db

    def drop():
        for key in db.keys('usage_data*'):
            db.delete(key)

    drop()
    run(storage)
    write('redis', {'usage_data_keys': sorted(key.decode() for key in db.smembers('usage_data_keys')),
                    'hashes': {key.decode(): {field.decode(): text.decode() for field, text in sorted(db.hgetall(key).items())}
                               for key in sorted(db.keys('usage_data:*'))}})
    drop()


def couchdb():
    import couchdb as client
    from flask_track_usage.storage.couchdb import CouchDBStorage
    address = urlparse(os.environ['TRACK_USAGE_TEST_COUCHDB_URL'])
    name = 'flask_track_usage_fixture'
    server = client.Server('http://%s:%d' % (address.hostname, address.port))
    if name in server:
        server.delete(name)
    storage = CouchDBStorage(database=name, host=address.hostname, port=address.port)
    run(storage)
    docs = [dict(row.doc) for row in storage.db.view('_all_docs', include_docs=True)]
    for doc in docs:
        del doc['_rev']
    write('couchdb', sorted(docs, key=lambda doc: (doc['datetime'], doc['remote_addr'])))
    server.delete(name)


sql('sqlite:///' + os.path.join(folder, '.made.db'), 'sqlite')
sql(os.environ['TRACK_USAGE_TEST_POSTGRES_URL'].replace('postgres:', 'postgresql:'), 'postgres')
sql(os.environ['TRACK_USAGE_TEST_MYSQL_URL'].replace('mysql:', 'mysql+pymysql:'), 'mysql')
mongo()
redis()
couchdb()
