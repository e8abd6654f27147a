/** What a look-up costs with more and more Services: the model's operations on a double logarithmic plot, and figures of a real kernel. */
import { packetsText } from '../i18n/areas/packets.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { MEASURED, MODE_COSTS, SERVICE_COUNTS } from './cost-model.ts';
import styles from './cost.module.css';

const WIDTH = 560;
const HEIGHT = 240;
const LEFT = 64;
const BOTTOM = 34;
const TOP = 12;
const RIGHT = 84;
const DECADES_X = [1, Math.log10(20_000)] as const;
const DECADES_Y = [0, 4.5] as const;

const x = (services: number): number =>
  LEFT + ((Math.log10(services) - DECADES_X[0]) / (DECADES_X[1] - DECADES_X[0])) * (WIDTH - LEFT - RIGHT);
const y = (operations: number): number =>
  HEIGHT - BOTTOM - ((Math.log10(operations) - DECADES_Y[0]) / (DECADES_Y[1] - DECADES_Y[0])) * (HEIGHT - BOTTOM - TOP);

/** The page. */
export function Cost() {
  const t = useText(packetsText);
  const language = useLanguage();
  const number = (value: number) => formatNumber(language, value);
  return (
    <div className={styles.cost} tabIndex={0} role="group" aria-label={t('cost')}>
      <p>{t('cost.lead')}</p>
      <div className={styles.scroll}>
        <svg className={styles.plot} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
          {[1, 10, 100, 1_000, 10_000].map((operations) => (
            <g key={operations}>
              <line className={styles.grid} x1={LEFT} x2={WIDTH - RIGHT} y1={y(operations)} y2={y(operations)} />
              <text x={LEFT - 8} y={y(operations) + 4} textAnchor="end">
                {number(operations)}
              </text>
            </g>
          ))}
          {SERVICE_COUNTS.map((services) => (
            <text key={services} x={x(services)} y={HEIGHT - 14} textAnchor="middle">
              {number(services)}
            </text>
          ))}
          {MODE_COSTS.map(({ mode, operations }) => (
            <g key={mode} className={styles[mode]}>
              <polyline points={SERVICE_COUNTS.map((services) => `${x(services)},${y(operations(services))}`).join(' ')} />
              <text x={WIDTH - RIGHT + 8} y={y(operations(20_000)) + 4}>
                {mode}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('cost.services')}</th>
            {MODE_COSTS.map(({ mode }) => (
              <th key={mode} scope="col">
                {mode}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {SERVICE_COUNTS.map((services) => (
            <tr key={services}>
              <th scope="row">{number(services)}</th>
              {MODE_COSTS.map(({ mode, operations }) => (
                <td key={mode}>{number(operations(services))}</td>
              ))}
            </tr>
          ))}
        </tbody>
        <caption>{t('cost.operations')}</caption>
      </table>
      <h2>{t('cost.measured')}</h2>
      <p>{t('cost.measuredLead')}</p>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('cost.services')}</th>
            <th scope="col">{t('cost.rules')}</th>
            <th scope="col">iptables-nft</th>
            <th scope="col">iptables-legacy</th>
            <th scope="col">ipset</th>
            <th scope="col">nftables map</th>
          </tr>
        </thead>
        <tbody>
          {MEASURED.map(({ services, rules, iptablesNft, iptablesLegacy, ipset, nftablesMap }) => (
            <tr key={services}>
              <th scope="row">{number(services)}</th>
              <td>{number(rules)}</td>
              <td>{iptablesNft}</td>
              <td>{iptablesLegacy}</td>
              <td>{ipset}</td>
              <td>{nftablesMap}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t('cost.notes')}</p>
    </div>
  );
}
