// Tokens that were logged out, until they would have expired anyway; in Redis.
import { createClient } from '@redis/client';
import { within } from './within.ts';

export interface DenyList {
  has(tokenId: string): Promise<boolean>;
  /** `expiresAt` in seconds since 1970; a token that expired needs no entry. */
  add(tokenId: string, expiresAt: number): Promise<void>;
  ping(): Promise<void>;
  close(): void;
}

const key = (tokenId: string): string => `denied:${tokenId}`;

/**
 * Connects in the background and again after every loss; while there is no connection, every call rejects at once.
 * `onError` hears of losses, once each.
 */
export function redisDenyList(url: string, onError: (error: Error) => void): DenyList {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: (retries) => Math.min(50 * (retries + 1), 1000) },
  });
  client.on('error', onError);
  client.connect().catch(onError);
  return {
    async has(tokenId) {
      return (await within('redis', client.exists(key(tokenId)))) > 0;
    },
    async add(tokenId, expiresAt) {
      // One second more: clocks differ, and a token is still taken in the second it expires.
      await within('redis', client.set(key(tokenId), '1', { expiration: { type: 'EXAT', value: expiresAt + 1 } }));
    },
    async ping() {
      await within('redis', client.ping());
    },
    close: () => client.destroy(),
  };
}
