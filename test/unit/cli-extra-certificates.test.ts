import tls from 'node:tls';
import { takeExtraCertificates, trustExtraCertificates } from '../../cli/extra-certificates.ts';

test('what the command starts finds the variable under its own name', () => {
  const env: NodeJS.ProcessEnv = { DIVE_NODE_EXTRA_CA_CERTS: '/etc/extra.pem', PATH: '/bin' };
  expect(takeExtraCertificates(env)).toBe('/etc/extra.pem');
  expect(env).toEqual({ NODE_EXTRA_CA_CERTS: '/etc/extra.pem', PATH: '/bin' });
});

test('without it nothing is changed: node itself was started with it, or there is none', () => {
  const env = { NODE_EXTRA_CA_CERTS: '/etc/extra.pem' };
  expect(takeExtraCertificates(env)).toBeUndefined();
  expect(env).toEqual({ NODE_EXTRA_CA_CERTS: '/etc/extra.pem' });
});

test('the file is read with the first connection that names no authorities of its own, and not before', () => {
  const { createSecureContext } = tls;
  try {
    trustExtraCertificates('/no/such/file.pem');
    expect(() => tls.createSecureContext({ ca: [] })).not.toThrow();
    expect(() => tls.createSecureContext()).toThrow('/no/such/file.pem');
  } finally {
    tls.createSecureContext = createSecureContext;
  }
});
