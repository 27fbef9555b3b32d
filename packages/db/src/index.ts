export { connect, type ConnectOptions, type Db, type Tx } from './connect.ts'
