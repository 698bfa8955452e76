import type { NamedClient } from './named-client.js';

/** At the start of the header: these are never dressed up as a browser. */
const first = (name: string, token = name): NamedClient => ({
  name,
  pattern: new RegExp(`^${token}(?:[/ ]v?(\\d[\\w.+-]*))?(?![\\w-])`, 'i'),
});

const JAVASCRIPT: NamedClient[] = [
  first('axios'),
  { name: 'got', pattern: /^got(?:\/([\d.]+)| \(https:\/\/github\.com\/sindresorhus\/got\))/i },
  first('node-fetch'),
  first('undici'),
  first('superagent', 'node-superagent'),
  first('Needle'),
  first('node'),
  first('Bun'),
  first('Deno'),
];

const PYTHON: NamedClient[] = [
  first('python-requests'),
  first('httpx', 'python-httpx'),
  { name: 'aiohttp', pattern: /^(?:python\/[\d.]+ )?aiohttp\/([\w.]+)/i },
  first('urllib3', 'python-urllib3'),
  first('Python-urllib'),
  first('httplib2', 'python-httplib2'),
  first('PycURL'),
  { name: 'Boto3', pattern: /^boto(?:3|core)\/([\d.]+)/i },
];

const JVM: NamedClient[] = [
  first('okhttp'),
  first('Apache-HttpClient'),
  first('Apache-HttpAsyncClient'),
  first('Commons-HttpClient', 'jakarta commons-httpclient'),
  first('Java-http-client'),
  first('Google-HTTP-Java-Client'),
  first('ReactorNetty'),
  first('Jersey'),
  first('Apache-CXF', 'apache[- ]cxf'),
  first('AHC'),
  first('akka-http'),
  first('Ktor', 'ktor[- ]client'),
  first('unirest-java'),
  first('Java'),
  first('Dalvik'),
];

const OTHER_LANGUAGES: NamedClient[] = [
  first('Go-http-client'),
  first('Go-http-client', 'go [\\d.]+ package http'),
  first('resty', 'go-resty'),
  first('Guzzle', 'guzzlehttp'),
  first('Guzzle'),
  first('Symfony HttpClient'),
  first('Faraday'),
  first('rest-client'),
  first('http.rb', 'http\\.rb'),
  first('Typhoeus'),
  first('Ruby'),
  first('Dart'),
  first('.NET HttpClient', '(?:\\.net[- ]?httpclient|dotnet[- ]httpclient|system\\.net\\.http)'),
  first('.NET HttpClient', 'microsoft \\.net'),
  first('.NET HttpClient', '\\.net(?: framework| core)?'),
  first('RestSharp'),
  first('Flurl', 'flurl\\.http'),
  first('reqwest'),
  first('ureq'),
  first('hyper'),
  first('libwww-perl'),
  first('WWW-Mechanize'),
  first('HTTP-Tiny'),
  first('hackney'),
  first('Alamofire'),
  { name: 'Alamofire', pattern: /^[^(]*\([^)]*\) Alamofire\/([\d.]+)/ },
  { name: 'CFNetwork', pattern: /\bCFNetwork\/([\d.]+)/ },
];

const COMMANDS_AND_TOOLS: NamedClient[] = [
  first('curl'),
  first('libcurl', 'libcurl(?:-agent)?'),
  first('Wget', 'wget2?'),
  first('HTTPie'),
  first('xh'),
  { name: 'PowerShell', pattern: /\b(?:Windows)?PowerShell\/([\d.]+)/ },
  first('Postman', 'postmanruntime'),
  first('Insomnia'),
  first('Bruno', 'bruno-runtime'),
  first('Thunder Client'),
  first('Hoppscotch'),
  first('Paw'),
  first('RapidAPI'),
  first('k6', '(?:grafana )?k6'),
  first('Artillery'),
  first('autocannon'),
  first('ApacheBench'),
  first('Apache JMeter', 'apache[- ]?jmeter'),
  first('Gatling'),
  first('hey'),
  first('wrk'),
  first('aws-cli'),
  first('aws-sdk-js'),
  first('aws-sdk-java'),
  first('aws-sdk-go', 'aws-sdk-go(?:-v2)?'),
  { name: 'gRPC', pattern: /^grpc-[a-z]+(?:-[a-z]+)*\/([\d.]+)/i },
  first('OpenAPI-Generator'),
  first('Swagger-Codegen'),
  first('git'),
];

/**
 * HTTP clients, as they introduce themselves unless they are told otherwise. One that names
 * another after itself, as Guzzle does with curl, is known by its own name.
 */
export const API_CLIENTS: readonly NamedClient[] = [
  ...COMMANDS_AND_TOOLS,
  ...JAVASCRIPT,
  ...PYTHON,
  ...JVM,
  ...OTHER_LANGUAGES,
];
